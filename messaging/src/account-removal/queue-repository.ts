import {
  LeaseQueue,
  type Backoff,
  type Collection,
  type Db,
  type Leased,
  type LeaseTime,
  type QueueMetrics,
} from '@parley/backend-common';
import type { PendingRemoval } from '@parley/backend-common/domain';
import { MINUTE, SECOND } from '@parley/common';

/** A deleted account whose removal is in progress. */
interface RemovalDocument {
  /** User id. */
  _id: string;
  /** When the account was deleted (milliseconds). */
  since: number;
  dueAt?: Date;
  holder?: string;
  attempts?: number;
}

/** A leased removal. */
export type LeasedRemoval = Leased<RemovalDocument>;

interface QueueOptions {
  /** Default `$$NOW`. */
  readonly time?: LeaseTime;
  readonly metrics?: QueueMetrics;
}

const LEASE = 30 * SECOND;
const BACKOFF: Backoff = { first: 2 * SECOND, longest: 10 * MINUTE };

/** Reads and writes `account_removals`, the queue of removals. They are never given up. */
export class RemovalQueueRepository {
  readonly #removals: Collection<RemovalDocument>;
  readonly #queue: LeaseQueue<RemovalDocument>;
  readonly #time: LeaseTime;

  constructor(db: Db, { time = () => '$$NOW', metrics }: QueueOptions = {}) {
    this.#removals = db.collection<RemovalDocument>('account_removals');
    this.#time = time;
    this.#queue = new LeaseQueue(this.#removals, {
      name: 'account_removals',
      fields: { due: 'dueAt', token: 'holder', attempts: 'attempts' },
      duration: LEASE,
      backoff: BACKOFF,
      time,
      ...(metrics === undefined ? {} : { metrics }),
    });
  }

  /** Queues removals; one that is queued already does not change. Index `_id_`. */
  async add(pending: readonly PendingRemoval[]): Promise<void> {
    if (pending.length === 0) return;
    await this.#removals.bulkWrite(
      pending.map(({ since, userId }) => ({
        updateOne: {
          filter: { _id: userId },
          update: [{ $set: { since, dueAt: { $ifNull: ['$dueAt', this.#time()] } } }],
          upsert: true,
        },
      })),
      { ordered: false },
    );
  }

  /** Leases removals that are due. Indexes `due`, `_id_`. */
  claim(limit: number): Promise<LeasedRemoval[]> {
    return this.#queue.claim(limit);
  }

  /** Works on a leased removal and renews the lease meanwhile. The signal aborts when the lease was lost. */
  hold<Result>(
    leased: LeasedRemoval,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    return this.#queue.hold(leased, work);
  }

  /** Ends a lease: the removal is due again after some milliseconds. Index `_id_`. */
  async postpone(leased: LeasedRemoval, delay: number): Promise<void> {
    await this.#queue.postpone(leased, delay);
  }

  /** Ends a failed attempt: the removal is due again after the backoff. Index `_id_`. */
  async retry(leased: LeasedRemoval): Promise<void> {
    await this.#queue.retry(leased);
  }

  /** Ends a lease: nothing is left to remove. Index `_id_`. */
  async remove(leased: LeasedRemoval): Promise<void> {
    await this.#queue.remove(leased);
  }
}
