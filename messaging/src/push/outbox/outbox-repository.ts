import {
  LeaseQueue,
  type Backoff,
  type Leased,
  type QueueMetrics,
  type SetTimer,
} from '@parley/backend-common';
import { DAY, MINUTE, SECOND } from '@parley/common';
import type { AnyBulkWriteOperation, Collection, Db } from 'mongodb';

import {
  keyOf,
  type Deleted,
  type PushDocument,
  type Read,
  type ScheduledPush,
} from './push-document.ts';

/** A leased push. */
export type LeasedPush = Leased<PushDocument>;

/** How a lease ends. */
export type Ending =
  | { readonly kind: 'pushed'; readonly from: number; readonly deviceIds: readonly string[] }
  | { readonly kind: 'dropped' | 'failed' }
  /** Some devices are to be tried again, after `retryAfterMs` at the earliest. */
  | { readonly kind: 'later'; readonly retryAfterMs: number; readonly done: readonly string[] };

interface OutboxOptions {
  /** Milliseconds between two pushes to one user about one conversation. */
  readonly interval: number;
  readonly metrics?: QueueMetrics;
  /** A number in [0, 1); default `Math.random`. */
  readonly random?: () => number;
  /** Schedules renewals of leases; default `setTimeout`. */
  readonly setTimer?: SetTimer;
}

const LEASE = 30 * SECOND;
const BACKOFF: Backoff = { first: SECOND, longest: 10 * MINUTE };
const MAX_ATTEMPTS = 12;
const KEPT = 30 * DAY;
const BATCH = 500;

const isLeased = { $ne: [{ $type: '$claim' }, 'missing'] };

/** Reads and writes `push_outbox`, the queue of pushes. MongoDB's clock decides what is due. */
export class OutboxRepository {
  readonly #outbox: Collection<PushDocument>;
  readonly #queue: LeaseQueue<PushDocument>;
  readonly #interval: number;

  constructor(db: Db, { interval, ...options }: OutboxOptions) {
    this.#outbox = db.collection<PushDocument>('push_outbox');
    this.#interval = interval;
    this.#queue = new LeaseQueue(this.#outbox, {
      name: 'push_outbox',
      fields: { due: 'dueAt', token: 'claim', attempts: 'attempts' },
      duration: LEASE,
      backoff: BACKOFF,
      maxAttempts: MAX_ATTEMPTS,
      ...options,
    });
  }

  /** Schedules pushes. Idempotent: an item that is scheduled or was pushed already changes nothing. Index `_id_`. */
  async schedule(items: readonly ScheduledPush[]): Promise<void> {
    for (let from = 0; from < items.length; from += BATCH) {
      const batch = items.slice(from, from + BATCH);
      await this.#outbox.bulkWrite(
        batch.map((item) => this.#toUpsert(item)),
        { ordered: false },
      );
    }
  }

  /** Leases pushes that are due, the oldest first. Indexes `due`, `_id_`. */
  claim(limit: number): Promise<LeasedPush[]> {
    return this.#queue.claim(limit);
  }

  /** Works on a leased push and renews the lease meanwhile. */
  hold<Result>(leased: LeasedPush, work: () => Promise<Result>): Promise<Result> {
    return this.#queue.hold(leased, work);
  }

  /** Whether a push is given up if this attempt fails. */
  isLastAttempt(leased: LeasedPush): boolean {
    return this.#queue.isLastAttempt(leased);
  }

  /**
   * Ends a lease; does nothing if it was lost. A message that was scheduled meanwhile is due after the interval.
   * Index `_id_`.
   */
  async end(leased: LeasedPush, ending: Ending): Promise<void> {
    if (ending.kind === 'later') {
      const { done, retryAfterMs } = ending;
      await this.#queue.retry(leased, { atLeast: retryAfterMs, changes: { done: [...done] } });
      return;
    }
    const { seq } = leased.document;
    const wasRead = { $ne: [{ $type: '$readIn' }, 'missing'] };
    const hasMore = { $or: [{ $gt: ['$seq', seq] }, wasRead] };
    // A message that was deleted while it was pushed is taken back at once.
    const wasDeleted = { $ne: [{ $type: '$deletedSeq' }, 'missing'] };
    const later = { $cond: [hasMore, { $add: ['$$NOW', this.#interval] }, '$$REMOVE'] };
    const dueAt = { $cond: [wasDeleted, '$$NOW', later] };
    const changes = { dueAt, done: '$$REMOVE' };
    switch (ending.kind) {
      case 'pushed': {
        const { deviceIds, from } = ending;
        const pushed = { from, seq, at: '$$NOW', deviceIds: [...deviceIds] };
        await this.#queue.finish(leased, { ...changes, pushed });
        return;
      }
      case 'dropped':
        await this.#queue.finish(leased, changes);
        return;
      case 'failed':
        await this.#queue.giveUp(leased, { ...changes, failedSeq: seq });
        return;
      default:
        ending satisfies never;
    }
  }

  /** Records that the notification was removed from the other devices. Index `_id_`. */
  async cleared({ id, token }: LeasedPush): Promise<void> {
    await this.#outbox.updateOne({ _id: id, claim: token }, { $unset: { readIn: '' } });
  }

  /** Records that no device shows messages deleted up to `deletedSeq` any more. Index `_id_`. */
  async takenBack({ document, id, token }: LeasedPush): Promise<void> {
    const { deletedSeq } = document;
    if (deletedSeq === undefined) return;
    // A message that was deleted meanwhile stays recorded.
    const filter = { _id: id, claim: token, deletedSeq: { $lte: deletedSeq } };
    await this.#outbox.updateOne(filter, { $unset: { deletedSeq: '' } });
  }

  /**
   * Schedules the removal of notifications that show deleted messages, also of those that are being sent. Returns for
   * how many documents. Index `_id_`.
   */
  async recordDeleted(deletions: readonly Deleted[]): Promise<number> {
    if (deletions.length === 0) return 0;
    const { modifiedCount } = await this.#outbox.bulkWrite(
      deletions.map(({ conversationId, seq, userIds }) => ({
        updateMany: {
          filter: {
            _id: { $in: userIds.map((userId) => keyOf(userId, conversationId)) },
            seq: { $gte: seq },
            $or: [{ 'pushed.seq': { $gte: seq } }, { claim: { $exists: true } }],
          },
          update: [
            {
              $set: {
                deletedSeq: { $max: ['$deletedSeq', seq] },
                dueAt: { $cond: [isLeased, '$dueAt', '$$NOW'] },
              },
            },
          ],
        },
      })),
      { ordered: false },
    );
    return modifiedCount;
  }

  /**
   * Schedules the removal of notifications about messages that were read. Returns for how many documents.
   * Index `_id_`.
   */
  async recordRead(reads: readonly Read[]): Promise<number> {
    const byId = new Map(reads.map((read) => [keyOf(read.userId, read.conversationId), read]));
    const found = await this.#outbox
      .find({ _id: { $in: [...byId.keys()] } }, { projection: { pushed: 1 } })
      .toArray();
    const changes = found.flatMap(({ _id, pushed }) => {
      const read = byId.get(_id);
      return read === undefined || pushed === undefined || pushed.seq > read.seq
        ? []
        : [toRead(_id, read)];
    });
    if (changes.length > 0) await this.#outbox.bulkWrite(changes, { ordered: false });
    return changes.length;
  }

  /** The documents of users and one conversation, by user; index `_id_`. */
  async of(conversationId: string, userIds: readonly string[]): Promise<Map<string, PushDocument>> {
    const ids = userIds.map((userId) => keyOf(userId, conversationId));
    const found = await this.#outbox.find({ _id: { $in: ids } }).toArray();
    return new Map(found.map((document) => [document.userId, document]));
  }

  /** The number of pushes that are due, wait or are leased, counted up to `limit`; covered by index `due`. */
  waiting(limit: number): Promise<number> {
    return this.#queue.measureDepth(limit);
  }

  #toUpsert(item: ScheduledPush): AnyBulkWriteOperation<PushDocument> {
    const { conversationId, event, isAway, seq, userId } = item;
    const isNewer = { $lt: [{ $ifNull: ['$seq', -1] }, seq] };
    const earliest = {
      $max: ['$$NOW', { $add: [{ $ifNull: ['$pushed.at', new Date(0)] }, this.#interval] }],
    };
    // While it is leased, `dueAt` is the end of the lease.
    const dueAt = { $cond: [isLeased, '$dueAt', { $min: ['$dueAt', earliest] }] };
    const wasDue = { $ne: [{ $type: '$dueAt' }, 'missing'] };
    const newer = {
      seq,
      isAway: isAway || { $and: [wasDue, { $ifNull: ['$isAway', false] }] },
      dueAt,
      ...(event === undefined ? {} : { event: { $literal: event } }),
      removeAt: { $add: ['$$NOW', KEPT] },
    };
    const initial = { userId, conversationId, attempts: 0 };
    const merged = { $mergeObjects: [initial, '$$ROOT', newer] };
    return {
      updateOne: {
        filter: { _id: keyOf(userId, conversationId) },
        update: [{ $replaceWith: { $cond: [isNewer, merged, '$$ROOT'] } }],
        upsert: true,
      },
    };
  }
}

function toRead(_id: string, { seq, sessionId }: Read): AnyBulkWriteOperation<PushDocument> {
  return {
    updateOne: {
      filter: { _id, 'pushed.seq': { $lte: seq } },
      update: [
        {
          $set: {
            readIn: { $literal: sessionId },
            dueAt: { $cond: [isLeased, '$dueAt', '$$NOW'] },
          },
        },
      ],
    },
  };
}
