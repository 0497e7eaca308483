import type { Collection, Db } from '@parley/backend-common';

import type { MemberDocument } from '../conversations/member-document.ts';
import type { EntryDocument } from '../log/entry-document.ts';

/** The conversations that a user shares with another. */
export interface SharedConversations {
  readonly userId: string;
  readonly sharesGroup: boolean;
  /** Their direct conversation, if there is one. */
  readonly directId: string | null;
}

const isDirect = { $eq: ['$role', null] };

/** Reads from `members` and `entries` which users are in contact. */
export class ContactRepository {
  readonly #entries: Collection<EntryDocument>;
  readonly #members: Collection<MemberDocument>;

  constructor(db: Db) {
    this.#entries = db.collection<EntryDocument>('entries');
    this.#members = db.collection<MemberDocument>('members');
  }

  /** Those of `others` who share a conversation with a user; index `user`, twice. */
  async sharedConversations(
    userId: string,
    others: readonly string[],
  ): Promise<SharedConversations[]> {
    const own = await this.#members
      .find({ userId, present: true }, { projection: { _id: 0, conversationId: 1 } })
      .hint('user')
      .toArray();
    const conversationIds = own.map(({ conversationId }) => conversationId);
    if (conversationIds.length === 0) return [];
    return this.#members
      .aggregate<SharedConversations>(
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

  /** Whether a user has written a message in a conversation; index `client`. */
  async hasWritten(conversationId: string, senderId: string): Promise<boolean> {
    const found = await this.#entries.findOne(
      { conversationId, senderId, kind: 'message' },
      { projection: { _id: 1 }, hint: 'client' },
    );
    return found !== null;
  }
}
