import type { MemberRole, Settings } from '@parley/common/contract';
import type { AnyBulkWriteOperation, Collection, Db } from 'mongodb';

/** A membership as stored: a projection of the log, and what the member has and wants. */
export interface MemberDocument {
  /** `<conversationId>:<userId>`. */
  _id: string;
  conversationId: string;
  userId: string;
  /** Whether the person is a member now. */
  present: boolean;
  role: MemberRole | null;
  joinedSeq: number;
  joinedAt: number;
  /** `seq` of the newest entry that changed this document. */
  seq: number;
  /** The member has everything up to here, on some device. */
  deliveredSeq: number;
  readSeq: number;
  settings: Settings;
}

/** What one entry of the log makes of one membership. */
export interface MemberChange {
  readonly conversationId: string;
  readonly userId: string;
  /** `seq` of the entry. */
  readonly seq: number;
  /** `null`: the person is no member any more. */
  readonly member: { role: MemberRole | null; joinedSeq: number; joinedAt: number } | null;
}

/** A mark to raise; what is not given stays. */
export interface MarkChange {
  readonly conversationId: string;
  readonly userId: string;
  readonly deliveredSeq: number;
  readonly readSeq?: number;
}

const NO_SETTINGS: Settings = { mutedUntil: null, archived: false, pinned: false, unread: false };

/** Reads and writes `members`. */
export class MemberRepository {
  readonly #members: Collection<MemberDocument>;

  constructor(db: Db) {
    this.#members = db.collection<MemberDocument>('members');
  }

  /** Index `_id_`. */
  find(conversationId: string, userId: string): Promise<MemberDocument | null> {
    return this.#members.findOne({ _id: memberKey(conversationId, userId) });
  }

  /** Ids of the conversations a person belongs to now; covered by index `user`. */
  async conversationIdsOf(userId: string): Promise<string[]> {
    const found = await this.#members
      .find({ userId, present: true }, { projection: { _id: 0, conversationId: 1 } })
      .hint('user')
      .toArray();
    return found.map(({ conversationId }) => conversationId);
  }

  /** Present memberships of a person by conversation id, after `after`; index `user`. */
  async pageOf(
    userId: string,
    page: { after?: string | undefined; limit: number },
  ): Promise<MemberDocument[]> {
    return this.#members
      .find({
        userId,
        present: true,
        ...(page.after === undefined ? {} : { conversationId: { $gt: page.after } }),
      })
      .sort({ conversationId: 1 })
      .limit(page.limit)
      .toArray();
  }

  /** Every present membership of a person; index `user`. At most 5,000 by the limit of conversations. */
  async allOf(userId: string): Promise<MemberDocument[]> {
    return this.#members.find({ userId, present: true }).toArray();
  }

  /** Present members of a conversation by user id, after `after`; index `conversation`. */
  async membersOf(
    conversationId: string,
    page: { after?: string | undefined; limit: number },
  ): Promise<MemberDocument[]> {
    return this.#members
      .find({
        conversationId,
        present: true,
        ...(page.after === undefined ? {} : { userId: { $gt: page.after } }),
      })
      .sort({ userId: 1 })
      .limit(page.limit)
      .toArray();
  }

  /** Number of present memberships of a person, counted to `limit`; index `user`. */
  countOf(userId: string, limit: number): Promise<number> {
    return this.#members.countDocuments({ userId, present: true }, { limit, hint: 'user' });
  }

  /**
   * Writes memberships as they are after an entry; a change that is older than the document does nothing. Index `_id_`.
   *
   * The guard stands in the update and not in the filter: an upsert whose filter is `_id` alone is retried by the
   * server when two insert at once, and so neither is lost.
   */
  async project(changes: readonly MemberChange[]): Promise<void> {
    if (changes.length === 0) return;
    await this.#members.bulkWrite(changes.map(toUpsert), { ordered: false });
  }

  /** Raises marks; none goes back. Read implies delivered and clears the unread flag. Index `_id_`. */
  async raiseMarks(changes: readonly MarkChange[]): Promise<void> {
    if (changes.length === 0) return;
    await this.#members.bulkWrite(
      changes.map(({ conversationId, userId, deliveredSeq, readSeq }) => ({
        updateOne: {
          filter: { _id: memberKey(conversationId, userId) },
          update: {
            $max: { deliveredSeq, ...(readSeq === undefined ? {} : { readSeq }) },
            ...(readSeq === undefined ? {} : { $set: { 'settings.unread': false } }),
          },
        },
      })),
      { ordered: false },
    );
  }

  /** Changes the settings of a present member and answers them; `null` when there is no such member. Index `_id_`. */
  async changeSettings(
    conversationId: string,
    userId: string,
    change: Partial<Settings>,
  ): Promise<Settings | null> {
    const set = Object.fromEntries(
      Object.entries(change).map(([name, value]) => [`settings.${name}`, value]),
    );
    const key = { _id: memberKey(conversationId, userId), present: true };
    const changed =
      Object.keys(set).length === 0
        ? await this.#members.findOne(key)
        : await this.#members.findOneAndUpdate(key, { $set: set }, { returnDocument: 'after' });
    return changed?.settings ?? null;
  }

  /** Index `conversation`. */
  async removeAll(conversationId: string): Promise<void> {
    await this.#members.deleteMany({ conversationId });
  }
}

/** `_id` of a membership. */
export function memberKey(conversationId: string, userId: string): string {
  return `${conversationId}:${userId}`;
}

function toUpsert(change: MemberChange): AnyBulkWriteOperation<MemberDocument> {
  const { conversationId, member, seq, userId } = change;
  const nobody = { role: null, joinedSeq: seq, joinedAt: 0, deliveredSeq: 0, readSeq: 0 };
  const first = { conversationId, userId, ...nobody, settings: NO_SETTINGS };
  // Who is added again starts there; marks of before stand below it.
  const before = (member?.joinedSeq ?? 0) - 1;
  const news =
    member === null
      ? { present: false, seq }
      : {
          present: true,
          seq,
          role: member.role,
          joinedSeq: member.joinedSeq,
          joinedAt: member.joinedAt,
          deliveredSeq: { $max: ['$deliveredSeq', before] },
          readSeq: { $max: ['$readSeq', before] },
        };
  const merged = { $mergeObjects: [first, '$$ROOT', news] };
  const isNewer = { $gte: [{ $ifNull: ['$seq', 0] }, seq] };
  return {
    updateOne: {
      filter: { _id: memberKey(conversationId, userId) },
      update: [{ $replaceWith: { $cond: [isNewer, '$$ROOT', merged] } }],
      upsert: true,
    },
  };
}
