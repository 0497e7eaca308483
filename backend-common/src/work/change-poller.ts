import { MINUTE, SECOND, type Now } from '@parley/common';

import type { Logger } from '../logging/logger.ts';
import type { PeriodicMetrics } from './periodic-metrics.ts';
import { Periodic } from './periodic.ts';

/** What is polled, and who is notified. */
export interface ChangePollerDeps<Change> {
  /** Identifier in `snake_case`; the label `task` of the metric. */
  readonly name: string;
  /** Reads what changed at or after a time (milliseconds since the epoch). */
  readonly read: (since: number) => Promise<readonly Change[]>;
  /** Identifies a change, the same whenever it is read. */
  readonly keyOf: (change: Change) => string;
  /** Called with changes that were not delivered yet; where it fails, they are delivered again. */
  readonly onChanges: (changes: readonly Change[]) => void | Promise<void>;
  /** Called after each poll that succeeded with the monotonic time (milliseconds) at which it began. */
  readonly onUpToDate?: (began: number) => void;
  readonly now: Now;
  /** Monotonic milliseconds; default `performance.now()`. */
  readonly monotonic?: () => number;
  readonly metrics: Pick<PeriodicMetrics, 'register' | 'observe'>;
  readonly logger: Logger;
  /** The log line of a poll that failed. */
  readonly fault: string;
}

const EVERY = 2 * SECOND;
/** Each poll reads this far back: a change is dated before it is written, and a write may take as long as an election. */
const OVERLAP = MINUTE;

/** Reads recent changes from the database every 2 s: notification that works without Redis. */
export class ChangePoller<Change> {
  readonly #deps: ChangePollerDeps<Change>;
  readonly #periodic: Periodic;
  /** Changes that were delivered, and when. */
  readonly #delivered = new Map<string, number>();
  /** When the last poll that succeeded began. */
  #since: number;

  constructor(deps: ChangePollerDeps<Change>) {
    this.#deps = deps;
    this.#since = deps.now();
    this.#periodic = new Periodic({
      name: deps.name,
      every: EVERY,
      run: () => this.#read(),
      metrics: deps.metrics,
      onFault: (error) => deps.logger.warn({ err: error }, deps.fault),
    });
  }

  /** Polls now and every 2 s. */
  start(): void {
    this.#periodic.start();
    void this.poll();
  }

  /** Waits for the poll in progress. */
  stop(): Promise<void> {
    return this.#periodic.stop();
  }

  /** Polls once, or joins the poll in progress; a failure is logged, and the next poll covers the same time again. */
  poll(): Promise<void> {
    return this.#periodic.runNow();
  }

  async #read(): Promise<void> {
    const { keyOf, monotonic = () => performance.now(), now, onChanges, read } = this.#deps;
    const began = monotonic();
    const startedAt = now();
    const recent = await read(this.#since - OVERLAP);
    const changes = recent.filter((change) => !this.#delivered.has(keyOf(change)));
    if (changes.length > 0) await onChanges(changes);
    for (const change of changes) this.#delivered.set(keyOf(change), startedAt);
    for (const [key, at] of this.#delivered) {
      if (at < startedAt - 2 * OVERLAP) this.#delivered.delete(key);
    }
    this.#since = startedAt;
    this.#deps.onUpToDate?.(began);
  }
}
