import type { Collection, Db } from '@parley/backend-common';
import type { ConversationKind } from '@parley/common/contract';

import { memberKey } from './member-document.ts';

/** A user was added to a group by somebody whom it does not know, or was written to, and has not answered. */
interface InvitationDocument {
  /** `<conversationId>:<userId>`. */
  _id: string;
  conversationId: string;
  userId: string;
  addedBy: string;
  kind: ConversationKind;
  /** When the user was added. */
  at: number;
  /** The user has left the group without an answer. */
  declined: boolean;
  /** TTL of a declined invitation. */
  removeAt?: Date;
}

/** An invitation to be stored. */
export type NewInvitation = Pick<
  InvitationDocument,
  'conversationId' | 'userId' | 'addedBy' | 'kind' | 'at'
>;

/** The unanswered invitations of one user and kind. */
export interface InvitationCount {
  readonly userId: string;
  readonly kind: ConversationKind;
  readonly count: number;
}

/** Reads and writes `invitations`. */
export class InvitationRepository {
  readonly #invitations: Collection<InvitationDocument>;

  constructor(db: Db) {
    this.#invitations = db.collection<InvitationDocument>('invitations');
  }

  /** Stores invitations; one that exists already is replaced. Index `_id_`. */
  async store(invitations: readonly NewInvitation[]): Promise<void> {
    if (invitations.length === 0) return;
    await this.#invitations.bulkWrite(
      invitations.map((each) => {
        const _id = memberKey(each.conversationId, each.userId);
        const replacement = { ...each, declined: false };
        return { replaceOne: { filter: { _id }, replacement, upsert: true } };
      }),
      { ordered: false },
    );
  }

  /** Numbers of unanswered invitations; users without any are absent. Covered by index `user`. */
  unansweredOf(userIds: readonly string[]): Promise<InvitationCount[]> {
    return this.#invitations
      .aggregate<InvitationCount>(
        [
          { $match: { userId: { $in: [...userIds] }, declined: false } },
          { $group: { _id: { userId: '$userId', kind: '$kind' }, count: { $sum: 1 } } },
          { $project: { _id: 0, userId: '$_id.userId', kind: '$_id.kind', count: 1 } },
        ],
        { hint: 'user' },
      )
      .toArray();
  }

  /** How many groups of `addedBy` users are invited to or have declined. Covered by index `pair`. */
  async groupsOf(addedBy: string, userIds: readonly string[]): Promise<Map<string, number>> {
    const counted = this.#invitations.aggregate<{ _id: string; count: number }>(
      [
        { $match: { addedBy, userId: { $in: [...userIds] }, kind: 'group' } },
        { $group: { _id: '$userId', count: { $sum: 1 } } },
      ],
      { hint: 'pair' },
    );
    return new Map((await counted.toArray()).map(({ _id, count }) => [_id, count]));
  }

  /** How many users `addedBy` has invited since a time, counted up to `most`; covered by index `adder`. */
  countSince(addedBy: string, since: number, most: number): Promise<number> {
    return this.#invitations.countDocuments(
      { addedBy, at: { $gt: since } },
      { hint: 'adder', limit: most },
    );
  }

  /** The unanswered invitations of a user that are older than a time; index `user`. */
  listUnanswered(
    userId: string,
    kind: ConversationKind,
    before: number,
  ): Promise<Pick<InvitationDocument, 'conversationId'>[]> {
    return this.#invitations
      .find(
        { userId, declined: false, kind, at: { $lt: before } },
        { projection: { conversationId: 1 } },
      )
      .hint('user')
      .toArray();
  }

  /** Those of the users who have declined an invitation to a conversation; index `_id_`. */
  async declinedAmong(conversationId: string, userIds: readonly string[]): Promise<string[]> {
    const keys = userIds.map((userId) => memberKey(conversationId, userId));
    const found = await this.#invitations
      .find({ _id: { $in: keys }, declined: true }, { projection: { userId: 1 } })
      .toArray();
    return found.map(({ userId }) => userId);
  }

  /** Marks the invitation of a user who has left as declined, if there is one; index `_id_`. */
  async decline(conversationId: string, userId: string, removeAt: Date): Promise<void> {
    const _id = memberKey(conversationId, userId);
    await this.#invitations.updateOne({ _id }, { $set: { declined: true, removeAt } });
  }

  /** Removes invitations that are answered or have no effect any more; index `_id_`. */
  async remove(conversationIds: readonly string[], userIds: readonly string[]): Promise<void> {
    const keys = conversationIds.flatMap((id) => userIds.map((userId) => memberKey(id, userId)));
    await this.#invitations.deleteMany({ _id: { $in: keys } });
  }
}
