import type { Db } from 'mongodb';

import { newId } from './test-log.ts';

/** Entries of each conversation: the founding, and a message. */
const ENTRIES = 2;

/**
 * Writes conversations of two users to the database, as they are after a message that both have received. Returns their
 * ids.
 */
export async function seedConversations(
  db: Db,
  [userId, otherId]: readonly [string, string],
  count: number,
): Promise<string[]> {
  const ids = Array.from({ length: count }, newId);
  const founders = [userId, otherId];
  const settings = { mutedUntil: null, archived: false, pinned: false, unread: false };
  await db.collection<{ _id: string }>('conversations').insertMany(
    ids.map((_id) => ({
      ...{ _id, kind: 'group', createdBy: userId, clientId: _id, createdAt: 0, founders },
      ...{ founderTitle: 'T', title: 'T', memberCount: 2, membersSeq: 1, foldedSeq: 0 },
      summary: { lastSeq: ENTRIES, lastAt: 0 },
    })),
  );
  await db.collection<{ _id: string }>('members').insertMany(
    ids.flatMap((conversationId) =>
      founders.map((member) => ({
        ...{ _id: `${conversationId}:${member}`, conversationId, userId: member, present: true },
        ...{ role: member === userId ? 'owner' : 'member', joinedSeq: 1, joinedAt: 0, seq: 1 },
        ...{ deliveredSeq: ENTRIES, readSeq: ENTRIES, settings },
      })),
    ),
  );
  await db.collection<{ _id: string }>('entries').insertMany(
    ids.flatMap((conversationId) => {
      const entry = { conversationId, senderId: userId, at: 0 };
      const change = { action: 'added', userIds: founders, role: 'member' };
      return [
        { _id: newId(), ...entry, seq: 1, clientId: 'create', kind: 'members', ...change },
        {
          _id: newId(),
          ...entry,
          seq: 2,
          clientId: 'k',
          kind: 'message',
          text: 'Hi',
          replyTo: null,
        },
      ];
    }),
  );
  return ids;
}
