import type { Backoff } from './backoff.ts';
import type { LeaseFields, LeaseTime } from './lease-fields.ts';
import type { QueueMetrics } from './queue-metrics.ts';
import type { SetTimer } from './timers.ts';

/** A collection of work items, and how its items are leased. */
export interface LeaseQueueOptions {
  /** Identifier in `snake_case`; the label `queue` of the metrics. */
  readonly name: string;
  /** The collection has an ascending index on `due` alone. */
  readonly fields: LeaseFields;
  /** Length of a lease in milliseconds. */
  readonly duration: number;
  /** Delays before retries. Without it, a failed item is due again when its lease ends. */
  readonly backoff?: Backoff;
  /** Attempts after which `retry` gives up; needs `fields.attempts`. Default: never. */
  readonly maxAttempts?: number;
  /** Absent: nothing is counted. */
  readonly metrics?: QueueMetrics;
  /** Default `$$NOW`: every process measures leases by MongoDB's clock. */
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
  /** When it was due before it was leased, as stored. Only `claim` sets it, if the queue has `fields.token`. */
  readonly dueSince?: unknown;
}

/** Fields to set when a lease ends: values or MongoDB expressions. They override those of the queue. */
export type Changes = Readonly<Record<string, unknown>>;

/** Conditions and changes for the lease of a named item. */
export interface TakeOptions {
  /** Further conditions that the item must meet. */
  readonly where?: Changes;
  readonly changes?: Changes;
  /** Creates the item if it does not exist; default `false`. */
  readonly upsert?: boolean;
}

/** What happened to a failed attempt. `lost`: another process holds the item, and nothing was changed. */
export type RetryOutcome = 'retried' | 'given_up' | 'lost';

/** How a failed attempt is repeated. */
export interface RetryOptions {
  /** The shortest wait in milliseconds, if the service that failed asked for one. */
  readonly atLeast?: number;
  /** Fields to set if the attempt will be repeated. */
  readonly changes?: Changes;
  /** Fields to set if the item is given up, to mark it as a dead letter. */
  readonly deadLetter?: Changes;
}
