import { BatchLoader } from '@parley/backend-common';
import type { Collection, Db } from 'mongodb';

import type { MemberDocument } from '../conversations/member-document.ts';

/** Users in one query. Each belongs to at most a few thousand conversations. */
const AT_ONCE = 100;
/** Memberships in the first batch of a response: enough that hardly any response has a second one. */
const BATCH = 5_000;

/** Reads which conversations users belong to, for the rooms of their sockets. */
export class RoomRepository {
  readonly #members: Collection<MemberDocument>;
  readonly #conversations = new BatchLoader<string[]>({
    maxBatchSize: AT_ONCE,
    read: (userIds) => this.#read(userIds),
  });

  constructor(db: Db) {
    this.#members = db.collection<MemberDocument>('members');
  }

  /** Ids of the conversations that each user belongs to now. Concurrent calls share queries. */
  async conversationIdsOf(userIds: readonly string[]): Promise<Map<string, string[]>> {
    return new Map(
      await Promise.all(
        userIds.map(async (userId): Promise<[string, string[]]> => {
          return [userId, (await this.#conversations.load(userId)) ?? []];
        }),
      ),
    );
  }

  /** Covered by index `user`. */
  async #read(userIds: readonly string[]): Promise<Map<string, string[]>> {
    const found = await this.#members
      .find(
        { userId: { $in: [...userIds] }, present: true },
        { projection: { _id: 0, userId: 1, conversationId: 1 }, batchSize: BATCH },
      )
      .hint('user')
      .toArray();
    const byUser = new Map<string, string[]>();
    for (const { conversationId, userId } of found) {
      const known = byUser.get(userId);
      if (known === undefined) byUser.set(userId, [conversationId]);
      else known.push(conversationId);
    }
    return byUser;
  }
}
