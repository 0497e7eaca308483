import { getRandomValues } from 'node:crypto';
import { createIdGenerator } from '@parley/common';
import { MongoClient } from 'mongodb';

import { type AttackJob, type AttackName } from './job.ts';

/** The collections in which a conversation is stored. */
const COLLECTIONS = ['conversations', 'members', 'entries'] as const;

/** Members of a large group besides the attacker. */
const GROUP = 20;

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

interface Preparation {
  readonly url: string;
  readonly uri: string;
  readonly users: AttackJob['accomplices'];
  /** Of the attacker. */
  readonly conversations: number;
}

/** The attacker belongs to many groups with one accomplice, and to some with twenty. */
export async function prepareJob(
  attack: AttackName,
  { conversations, uri, url, users }: Preparation,
): Promise<AttackJob> {
  const [attacker, ...accomplices] = users;
  if (attacker === undefined) throw new Error('There is no attacker');
  const ids = users.map(({ id }) => id);
  const groups = await seedGroups(uri, ids.slice(0, GROUP + 1), 30);
  await seedGroups(uri, ids.slice(0, 2), conversations - groups.length);
  return { attack, url, attacker, accomplices, groups };
}
