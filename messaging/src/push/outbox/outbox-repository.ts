import { DAY, SECOND } from '@parley/common';
import type { PartnerEvent } from '@parley/common/contract';
import type { AnyBulkWriteOperation, Collection, Db } from 'mongodb';

/** What a person was pushed last of one conversation. */
export interface Pushed {
  /** It was about the messages with `from ≤ seq ≤ seq`. */
  readonly from: number;
  readonly seq: number;
  readonly at: Date;
  readonly deviceIds: readonly string[];
}

/** What is or was to be pushed to one person about one conversation, or about the partner. */
export interface PushDocument {
  /** `<userId>:<conversationId>`, or `<userId>:partner`. */
  _id: string;
  userId: string;
  conversationId: string | null;
  /** The newest thing to be pushed: `seq` of a message, `timestamp` of a partner event. Never goes back. */
  seq: number;
  event?: PartnerEvent;
  /** Nobody looked when it was scheduled: only looking or reading calls it off, not an acknowledgement alone. */
  isAway: boolean;
  /** When somebody is to look at it; absent: nothing is to be done. While it is claimed, when the claim ends. */
  dueAt?: Date;
  claim?: string;
  attempts: number;
  /** Devices that have got what is being sent. */
  done?: string[];
  pushed?: Pushed;
  /** It was read in this session: the other devices are to be told. */
  readIn?: string;
  /** `seq` of what was given up. */
  failedSeq?: number;
  removeAt: Date;
}

/** Something to be pushed. */
export interface Scheduled {
  readonly userId: string;
  readonly conversationId: string | null;
  readonly seq: number;
  readonly isAway: boolean;
  readonly event?: PartnerEvent;
}

/** A claimed document, and what proves the claim. */
export interface Claimed extends PushDocument {
  readonly claim: string;
}

/** What a claim ended with. */
export type Ending =
  | { readonly kind: 'pushed'; readonly from: number; readonly deviceIds: readonly string[] }
  | { readonly kind: 'dropped' | 'failed' }
  | { readonly kind: 'later'; readonly delay: number; readonly done: readonly string[] };

/** Milliseconds for which a claim holds; it is renewed while the work goes on. */
export const LEASE = 30 * SECOND;
const KEPT = 30 * DAY;
const BATCH = 500;

const isDue = { $lte: ['$dueAt', '$$NOW'] };
const unless = (condition: unknown, value: unknown, otherwise: unknown) => ({
  $cond: [condition, otherwise, value],
});

/** Reads and writes `push_outbox`. What is due, and whose claim holds, is decided by MongoDB's clock. */
export class OutboxRepository {
  readonly #outbox: Collection<PushDocument>;
  readonly #quiet: number;

  /** @param quiet milliseconds between two pushes of one conversation to one person */
  constructor(db: Db, quiet: number) {
    this.#outbox = db.collection<PushDocument>('push_outbox');
    this.#quiet = quiet;
  }

  /** Schedules pushes; what stands there already, or was pushed, changes nothing. Index `_id_`. */
  async schedule(items: readonly Scheduled[]): Promise<void> {
    for (let from = 0; from < items.length; from += BATCH) {
      const batch = items.slice(from, from + BATCH);
      await this.#outbox.bulkWrite(
        batch.map((item) => this.#toUpsert(item)),
        { ordered: false },
      );
    }
  }

  /** Claims what is due, the oldest first. Indexes `due`, `_id_`. */
  async claim(token: string, limit: number): Promise<Claimed[]> {
    const due = await this.#outbox
      .find({ dueAt: { $exists: true }, $expr: isDue }, { projection: { _id: 1 } })
      .sort({ dueAt: 1 })
      .hint('due')
      .limit(limit)
      .toArray();
    if (due.length === 0) return [];
    const ids = due.map(({ _id }) => _id);
    await this.#outbox.updateMany({ _id: { $in: ids }, $expr: isDue, dueAt: { $exists: true } }, [
      { $set: { dueAt: leaseEnd(), claim: token, attempts: { $add: ['$attempts', 1] } } },
    ]);
    return this.#outbox.find<Claimed>({ _id: { $in: ids }, claim: token }).toArray();
  }

  /** Prolongs claims that are being worked on. Index `_id_`. */
  async renew(ids: readonly string[], token: string): Promise<void> {
    await this.#outbox.updateMany({ _id: { $in: [...ids] }, claim: token }, [
      { $set: { dueAt: leaseEnd() } },
    ]);
  }

  /** Ends a claim; does nothing where it is another's by now. What came meanwhile is due after the quiet time. Index `_id_`. */
  async end({ _id, claim, seq }: Claimed, ending: Ending): Promise<void> {
    const wasRead = { $ne: [{ $type: '$readIn' }, 'missing'] };
    const hasMore = { $or: [{ $gt: ['$seq', seq] }, wasRead] };
    const next = { $cond: [hasMore, { $add: ['$$NOW', this.#quiet] }, '$$REMOVE'] };
    await this.#outbox.updateOne({ _id, claim }, [
      { $set: { claim: '$$REMOVE', ...this.#stepOf(ending, seq, next) } },
    ]);
  }

  /** Takes note that the other devices were told of the reading. Index `_id_`. */
  async cleared({ _id, claim }: Claimed): Promise<void> {
    await this.#outbox.updateOne({ _id, claim }, { $unset: { readIn: '' } });
  }

  /**
   * Somebody has read: where something was pushed about it, the other devices are to be told. Answers how many
   * documents that is. Index `_id_`.
   */
  async noteRead(reads: readonly Read[]): Promise<number> {
    const byId = new Map(reads.map((read) => [keyOf(read.userId, read.conversationId), read]));
    const pushed = await this.#outbox
      .find({ _id: { $in: [...byId.keys()] } }, { projection: { pushed: 1 } })
      .toArray();
    const changes = pushed.flatMap(({ _id, pushed: last }) => {
      const read = byId.get(_id);
      return read === undefined || last === undefined || last.seq > read.seq
        ? []
        : [toRead(_id, read)];
    });
    if (changes.length > 0) await this.#outbox.bulkWrite(changes, { ordered: false });
    return changes.length;
  }

  /** What is known of people and one conversation; index `_id_`. */
  async of(conversationId: string, userIds: readonly string[]): Promise<Map<string, PushDocument>> {
    const ids = userIds.map((userId) => keyOf(userId, conversationId));
    const found = await this.#outbox.find({ _id: { $in: ids } }).toArray();
    return new Map(found.map((document) => [document.userId, document]));
  }

  /** How many wait, counted to `limit`; covered by index `due`. */
  async waiting(limit: number): Promise<number> {
    // A comparison, because the index alone does not tell an absent field from `null`.
    return this.#outbox.countDocuments({ dueAt: { $gt: new Date(0) } }, { hint: 'due', limit });
  }

  #stepOf(ending: Ending, seq: number, next: object): object {
    const settled = { dueAt: next, attempts: 0, done: '$$REMOVE' };
    switch (ending.kind) {
      case 'pushed': {
        const { deviceIds, from } = ending;
        return { ...settled, pushed: { from, seq, at: '$$NOW', deviceIds: [...deviceIds] } };
      }
      case 'dropped':
        return settled;
      case 'failed':
        return { ...settled, failedSeq: seq };
      case 'later':
        return { dueAt: { $add: ['$$NOW', ending.delay] }, done: [...ending.done] };
      default:
        return ending satisfies never;
    }
  }

  #toUpsert(item: Scheduled): AnyBulkWriteOperation<PushDocument> {
    const { conversationId, event, isAway, seq, userId } = item;
    const isNews = { $lt: [{ $ifNull: ['$seq', -1] }, seq] };
    const isClaimed = { $ne: [{ $type: '$claim' }, 'missing'] };
    const soonest = {
      $max: ['$$NOW', { $add: [{ $ifNull: ['$pushed.at', new Date(0)] }, this.#quiet] }],
    };
    const dueAt = unless(isClaimed, { $min: ['$dueAt', soonest] }, '$dueAt');
    const wasDue = { $ne: [{ $type: '$dueAt' }, 'missing'] };
    const news = {
      seq,
      isAway: isAway || { $and: [wasDue, { $ifNull: ['$isAway', false] }] },
      dueAt,
      ...(event === undefined ? {} : { event: { $literal: event } }),
      removeAt: { $add: ['$$NOW', KEPT] },
    };
    const first = { userId, conversationId, attempts: 0 };
    const merged = { $mergeObjects: [first, '$$ROOT', news] };
    return {
      updateOne: {
        filter: { _id: keyOf(userId, conversationId) },
        update: [{ $replaceWith: { $cond: [isNews, merged, '$$ROOT'] } }],
        upsert: true,
      },
    };
  }
}

/** A reading that was acknowledged. */
export interface Read {
  readonly userId: string;
  readonly conversationId: string;
  readonly seq: number;
  readonly sessionId: string;
}

/** `_id` of what is pushed to a person about a conversation, or about the partner. */
export function keyOf(userId: string, conversationId: string | null): string {
  return `${userId}:${conversationId ?? 'partner'}`;
}

function leaseEnd() {
  return { $add: ['$$NOW', LEASE] };
}

function toRead(_id: string, { seq, sessionId }: Read): AnyBulkWriteOperation<PushDocument> {
  const isClaimed = { $ne: [{ $type: '$claim' }, 'missing'] };
  return {
    updateOne: {
      filter: { _id, 'pushed.seq': { $lte: seq } },
      update: [
        {
          $set: {
            readIn: { $literal: sessionId },
            dueAt: { $cond: [isClaimed, '$dueAt', '$$NOW'] },
          },
        },
      ],
    },
  };
}
