import type { Collection, Db } from '@parley/backend-common';

import type { MemberDocument } from '../conversations/member-repository.ts';

/** What two people share. */
export interface SharedWith {
  readonly userId: string;
  readonly sharesGroup: boolean;
  /** The direct conversation of the two, if there is one. */
  readonly directId: string | null;
}

const isDirect = { $eq: ['$role', null] };

/** Asks `members` who has to do with whom. */
export class AcquaintanceRepository {
  readonly #members: Collection<MemberDocument>;

  constructor(db: Db) {
    this.#members = db.collection<MemberDocument>('members');
  }

  /** Those of `others` who share a conversation with a person, and what; index `user`, twice. */
  async shared(userId: string, others: readonly string[]): Promise<SharedWith[]> {
    const own = await this.#members
      .find({ userId, present: true }, { projection: { _id: 0, conversationId: 1 } })
      .hint('user')
      .toArray();
    const conversationIds = own.map(({ conversationId }) => conversationId);
    if (conversationIds.length === 0) return [];
    return this.#members
      .aggregate<SharedWith>(
        [
          {
            $match: {
              userId: { $in: [...others] },
              present: true,
              conversationId: { $in: conversationIds },
            },
          },
          {
            $group: {
              _id: '$userId',
              sharesGroup: { $max: { $not: [isDirect] } },
              directId: { $max: { $cond: [isDirect, '$conversationId', null] } },
            },
          },
          { $project: { _id: 0, userId: '$_id', sharesGroup: 1, directId: 1 } },
        ],
        { hint: 'user' },
      )
      .toArray();
  }
}
