import { getRandomValues } from 'node:crypto';
import { createIdGenerator } from '@parley/common';
import { MongoClient } from 'mongodb';

/**
 * Writes a direct conversation between each user and each of the others, and the times at which the others were last
 * online. The conversations are stored as after messages of both and a request for the presence of the other.
 */
export async function seedContacts(
  uri: string,
  users: readonly string[],
  others: readonly string[],
): Promise<void> {
  const newId = createIdGenerator(Date.now, getRandomValues);
  const directs = users.flatMap((user) =>
    others.map((other) => ({
      ...{ _id: newId(), kind: 'direct', createdBy: user, createdAt: 0, founders: [user, other] },
      ...{ directKey: user < other ? `${user}:${other}` : `${other}:${user}`, mutual: true },
      ...{ founderTitle: null, title: null, memberCount: 2, membersSeq: 1, foldedSeq: 0 },
      summary: { lastSeq: 3, lastAt: 0 },
    })),
  );
  const seen = others.map((_id) => ({ _id, lastSeenAt: 1 }));
  const client = new MongoClient(uri);
  try {
    const collection = (name: string) => client.db().collection<{ _id: string }>(name);
    await collection('conversations').insertMany(directs, { ordered: false });
    await collection('presence').insertMany(seen, { ordered: false });
  } finally {
    await client.close();
  }
}
