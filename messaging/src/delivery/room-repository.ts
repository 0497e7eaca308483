import type { Collection, Db } from 'mongodb';

import type { MemberDocument } from '../conversations/member-repository.ts';

/** Reads which conversations people belong to, for the rooms of their sockets. */
export class RoomRepository {
  readonly #members: Collection<MemberDocument>;

  constructor(db: Db) {
    this.#members = db.collection<MemberDocument>('members');
  }

  /** Ids of the conversations that each person belongs to now; covered by index `user`. */
  async conversationIdsOf(userIds: readonly string[]): Promise<Map<string, string[]>> {
    const byUser = new Map<string, string[]>(userIds.map((userId) => [userId, []]));
    const found = this.#members
      .find(
        { userId: { $in: [...userIds] }, present: true },
        { projection: { _id: 0, userId: 1, conversationId: 1 } },
      )
      .hint('user');
    for await (const { conversationId, userId } of found) byUser.get(userId)?.push(conversationId);
    return byUser;
  }
}
