import { BatchLoader } from '@parley/backend-common';
import type { Collection, Db } from 'mongodb';

import type { MemberDocument } from '../conversations/member-document.ts';

/** Users in one query. Each belongs to at most a few thousand conversations. */
const AT_ONCE = 100;

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

  /** Ids of the conversations that a user belongs to now. Concurrent calls share queries. */
  async conversationIdsOf(userId: string): Promise<readonly string[]> {
    return (await this.#conversations.load(userId)) ?? [];
  }

  /** Covered by index `user`. */
  async #read(userIds: readonly string[]): Promise<Map<string, string[]>> {
    // Grouped by MongoDB, because one document for each membership would cost the node several times as much CPU.
    const found = this.#members.aggregate<{ _id: string; conversationIds: string[] }>(
      [
        { $match: { userId: { $in: [...userIds] }, present: true } },
        { $group: { _id: '$userId', conversationIds: { $push: '$conversationId' } } },
      ],
      { hint: 'user', batchSize: AT_ONCE },
    );
    return new Map(
      (await found.toArray()).map(({ _id, conversationIds }) => [_id, conversationIds]),
    );
  }
}
