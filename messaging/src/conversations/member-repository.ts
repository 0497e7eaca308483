import type { Receipt, Settings } from '@parley/common/contract';
import type { AnyBulkWriteOperation, Collection, Db, Timestamp } from 'mongodb';

import {
  memberKey,
  RECORD_COVERS,
  type DatedMark,
  type Marks,
  type MemberChange,
  type MemberDocument,
  type MemberKey,
  type Progress,
} from './member-document.ts';

/** A membership with the time of its last change by the clock of the cluster; absent if it was not recorded yet. */
type StoredMember = MemberDocument & { changedAt?: Timestamp };

/** Marks with what is needed to tell whether a change of them must be recorded. */
interface StoredMarks extends Pick<
  StoredMember,
  '_id' | 'deliveredSeq' | 'readSeq' | 'settings' | 'present' | 'changedAt'
> {
  /** The time of the clock of the cluster at which they were read. */
  readonly now: Timestamp;
}

/** Records the time of a change. Updates of a membership do so, because `sync` finds the changes by it. */
const CHANGED = { $currentDate: { changedAt: { $type: 'timestamp' } } } as const;
const NO_SETTINGS: Settings = { mutedUntil: null, archived: false, pinned: false, unread: false };

/** Reads and writes `members`. */
export class MemberRepository {
  readonly #members: Collection<StoredMember>;

  constructor(db: Db) {
    this.#members = db.collection<StoredMember>('members');
  }

  /** Index `_id_`. */
  find(conversationId: string, userId: string): Promise<MemberDocument | null> {
    return this.#members.findOne({ _id: memberKey(conversationId, userId) });
  }

  /** Memberships of one user, present and former, by conversation id; index `_id_`. */
  async findOwn(
    userId: string,
    conversationIds: readonly string[],
  ): Promise<Map<string, MemberDocument>> {
    const keys = conversationIds.map((conversationId) => memberKey(conversationId, userId));
    const found = await this.#members.find({ _id: { $in: keys } }).toArray();
    return new Map(found.map((document) => [document.conversationId, document]));
  }

  /** Marks of the given memberships, by `_id`; index `_id_`. */
  async findMarks(keys: readonly MemberKey[]): Promise<Map<string, Marks>> {
    const found = await this.#members
      .find<StoredMarks>(
        {
          _id: { $in: keys.map(({ conversationId, userId }) => memberKey(conversationId, userId)) },
        },
        {
          projection: {
            ...{ deliveredSeq: 1, readSeq: 1, settings: 1, present: 1, changedAt: 1 },
            now: '$$CLUSTER_TIME',
          },
        },
      )
      .toArray();
    return new Map(
      found.map(({ _id, changedAt, now, ...marks }) => {
        const isCovered = changedAt !== undefined && now.t - changedAt.t < RECORD_COVERS;
        return [_id, { ...marks, isCovered }];
      }),
    );
  }

  /** Marks of all present members of conversations; index `conversation`. */
  receiptsOf(conversationIds: readonly string[]): Promise<Receipt[]> {
    return this.#members
      .find<Receipt>(
        { conversationId: { $in: [...conversationIds] }, present: true },
        { projection: { _id: 0, conversationId: 1, userId: 1, deliveredSeq: 1, readSeq: 1 } },
      )
      .hint('conversation')
      .toArray();
  }

  /** The marks and settings of every present member of a conversation, at most 1,000; index `conversation`. */
  progressOf(conversationId: string): Promise<Progress[]> {
    return this.#members
      .find<Progress>(
        { conversationId, present: true },
        {
          projection: {
            ...{ _id: 0, userId: 1, joinedSeq: 1, deliveredSeq: 1, readSeq: 1 },
            ...{ deliveredAt: 1, readAt: 1, settings: 1 },
          },
        },
      )
      .hint('conversation')
      .toArray();
  }

  /** Ids of the conversations that a user belongs to now; covered by index `user`. */
  async conversationIdsOf(userId: string): Promise<string[]> {
    // Grouped on the server, because a document for each membership costs the node several times as much.
    const [found] = await this.#members
      .aggregate<{ ids: string[] }>(
        [
          { $match: { userId, present: true } },
          { $group: { _id: null, ids: { $push: '$conversationId' } } },
        ],
        { hint: 'user' },
      )
      .toArray();
    return found?.ids ?? [];
  }

  /** Present memberships of a user in the order of conversation ids, after `after`; index `user`. */
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
      .hint('user')
      .limit(page.limit)
      .toArray();
  }

  /** All present memberships of a user by conversation id, about 6,000 at most by the limits of conversations and invitations; index `user`. */
  async allOf(userId: string): Promise<MemberDocument[]> {
    return this.#members.find({ userId, present: true }).hint('user').toArray();
  }

  /** Ids of the conversations that a user has pinned; covered by index `pinned`. */
  async pinnedIdsOf(userId: string): Promise<string[]> {
    const found = await this.#members
      .find(
        { userId, present: true, 'settings.pinned': true },
        { projection: { _id: 0, conversationId: 1 } },
      )
      .hint('pinned')
      .toArray();
    return found.map(({ conversationId }) => conversationId);
  }

  /** Number of present memberships by user; users without any are absent. Covered by index `user`. */
  async countsOf(userIds: readonly string[]): Promise<Map<string, number>> {
    const counted = this.#members.aggregate<{ _id: string; count: number }>(
      [
        { $match: { userId: { $in: [...userIds] }, present: true } },
        { $group: { _id: '$userId', count: { $sum: 1 } } },
      ],
      { hint: 'user' },
    );
    return new Map((await counted.toArray()).map(({ _id, count }) => [_id, count]));
  }

  /**
   * Writes memberships as they are after an entry. A change that is older than the document has no effect. Index `_id_`.
   *
   * The update checks the age, not the filter: the server retries an upsert that filters only by `_id` when two insert
   * at the same time, so no write is lost.
   */
  async project(changes: readonly MemberChange[]): Promise<void> {
    if (changes.length === 0) return;
    await this.#members.bulkWrite(changes.map(toUpsert), { ordered: false });
  }

  /** Raises marks; marks never go back. Reading clears the unread flag. Call it right after {@link findMarks}. Index `_id_`. */
  async raiseMarks(changes: readonly DatedMark[]): Promise<void> {
    if (changes.length === 0) return;
    await this.#members.bulkWrite(
      changes.map(({ conversationId, isCovered, userId, ...marks }) => ({
        updateOne: {
          filter: { _id: memberKey(conversationId, userId) },
          update: {
            ...(isCovered === true ? {} : CHANGED),
            $max: marks,
            ...(marks.readSeq === undefined ? {} : { $set: { 'settings.unread': false } }),
          },
        },
      })),
      { ordered: false },
    );
  }

  /** Changes the settings of a present member and returns them; `null` if there is no such member. Index `_id_`. */
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
        : await this.#members.findOneAndUpdate(
            key,
            { ...CHANGED, $set: set },
            { returnDocument: 'after' },
          );
    return changed?.settings ?? null;
  }

  /** Index `conversation`. */
  async removeAll(conversationId: string): Promise<void> {
    await this.#members.deleteMany({ conversationId });
  }
}

function toUpsert(change: MemberChange): AnyBulkWriteOperation<StoredMember> {
  const { conversationId, member, seq, userId } = change;
  const nobody = { role: null, joinedSeq: seq, joinedAt: 0, deliveredSeq: 0, readSeq: 0 };
  const first = { conversationId, userId, ...nobody, settings: NO_SETTINGS };
  // A member that is added again starts at its new join: earlier marks are below it.
  const before = (member?.joinedSeq ?? 0) - 1;
  const news =
    member === null
      ? { present: false, seq, changedAt: '$$CLUSTER_TIME' }
      : {
          ...{ present: true, seq, changedAt: '$$CLUSTER_TIME' },
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
