import type { Backoff } from './backoff.ts';
import type { LeaseFields, LeaseTime } from './lease-fields.ts';
import type { QueueMetrics } from './queue-metrics.ts';
import type { SetTimer } from './timers.ts';

/** A collection whose documents are work, and how that work is leased. */
export interface LeaseQueueOptions {
  /** Identifier in `snake_case`; the label `queue` of the metrics. */
  readonly name: string;
  /** The collection has an ascending index on `due` alone. */
  readonly fields: LeaseFields;
  /** Milliseconds for which a lease holds. */
  readonly duration: number;
  /** Waits before retries; without it a failed item is due again when its lease ends. */
  readonly backoff?: Backoff;
  /** Attempts after which `retry` gives up; needs `fields.attempts`. Default: never. */
  readonly maxAttempts?: number;
  /** Absent: nothing is counted. */
  readonly metrics?: QueueMetrics;
  /** Default `$$NOW`: leases of all processes end by MongoDB's clock. */
  readonly time?: LeaseTime;
  readonly newToken?: () => string;
  /** A number in [0, 1); default `Math.random`. */
  readonly random?: () => number;
  readonly setTimer?: SetTimer;
}

/** A lease of one item. */
export interface Lease {
  readonly id: string;
  readonly token: string;
  /** When it ends, as stored; it may have been renewed since. */
  readonly until: unknown;
}

/** A leased item. */
export interface Leased<Stored> extends Lease {
  readonly document: Stored;
  /** When it was due before it was leased, as stored; known of items that `claim` leased by a token. */
  readonly dueSince?: unknown;
}

/** Fields to set when a lease ends: values or expressions of MongoDB, which prevail over the queue's own. */
export type Changes = Readonly<Record<string, unknown>>;

/** Conditions and changes for the lease of a named item. */
export interface TakeOptions {
  /** What else must be true of the item. */
  readonly where?: Changes;
  readonly changes?: Changes;
  /** Creates the item where there is none; default `false`. */
  readonly upsert?: boolean;
}

/** How an attempt that failed ended. `lost`: another process holds the item, and nothing was changed. */
export type RetryOutcome = 'retried' | 'given_up' | 'lost';

/** How an attempt that failed is repeated. */
export interface RetryOptions {
  /** Milliseconds to wait at least, where what failed asks for that. */
  readonly atLeast?: number;
  /** Set when it will be repeated. */
  readonly changes?: Changes;
  /** Set when it is given up, to mark the dead letter. */
  readonly deadLetter?: Changes;
}
