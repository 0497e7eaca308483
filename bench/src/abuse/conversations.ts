import { getRandomValues } from 'node:crypto';
import { createIdGenerator } from '@parley/common';
import { MongoClient } from 'mongodb';

/** The collections in which a conversation is stored. */
const COLLECTIONS = ['conversations', 'members', 'entries'] as const;

/** Writes groups as messaging stores them after their first message. Returns their ids. */
export async function seedGroups(
  uri: string,
  members: readonly string[],
  count: number,
): Promise<string[]> {
  const newId = createIdGenerator(Date.now, getRandomValues);
  const ids = Array.from({ length: count }, newId);
  const documents = ids.map((id) => documentsOf(id, members, newId));
  const client = new MongoClient(uri);
  try {
    for (const name of COLLECTIONS) {
      const all = documents.flatMap((each) => each[name]);
      await client.db().collection<{ _id: string }>(name).insertMany(all, { ordered: false });
    }
  } finally {
    await client.close();
  }
  return ids;
}

type Documents = Readonly<Record<(typeof COLLECTIONS)[number], { _id: string }[]>>;

function documentsOf(id: string, founders: readonly string[], newId: () => string): Documents {
  const [owner = ''] = founders;
  const entry = { conversationId: id, senderId: owner, at: 0 };
  const settings = { mutedUntil: null, archived: false, pinned: false, unread: false };
  return {
    conversations: [
      {
        ...{ _id: id, kind: 'group', createdBy: owner, clientId: id, createdAt: 0, founders },
        ...{ founderTitle: 'T', title: 'T', memberCount: founders.length },
        ...{ membersSeq: 1, foldedSeq: 0, summary: { lastSeq: 2, lastAt: 0 } },
      },
    ],
    members: founders.map((userId) => ({
      ...{ _id: `${id}:${userId}`, conversationId: id, userId, present: true, settings },
      ...{ role: userId === owner ? 'owner' : 'member', joinedSeq: 1, joinedAt: 0, seq: 1 },
      ...{ deliveredSeq: 2, readSeq: 2 },
    })),
    entries: [
      {
        ...{ _id: newId(), ...entry, seq: 1, clientId: 'create', kind: 'members' },
        ...{ action: 'added', userIds: founders, role: 'member' },
      },
      {
        ...{ _id: newId(), ...entry, seq: 2, clientId: 'k', kind: 'message' },
        ...{ text: 'Hi', replyTo: null },
      },
    ],
  };
}
