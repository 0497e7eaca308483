import { setTimeout as delay } from 'node:timers/promises';
import { Periodic, type PeriodicMetrics } from '@parley/backend-common';
import { SECOND } from '@parley/common';

import type { ReportFault } from '../faults.ts';
import type { PartnerEventSender } from './partner-event-sender.ts';
import type { StatusRepository } from './repository.ts';

interface StatusSweepDeps {
  readonly statuses: Pick<StatusRepository, 'due' | 'expire' | 'claimUnsent'>;
  readonly sender: Pick<PartnerEventSender, 'sendMany'>;
  readonly newId: () => string;
  readonly onExpired: (count: number) => void;
  readonly periodicMetrics: PeriodicMetrics;
  readonly reportFault: ReportFault;
}

const EVERY = SECOND;
/** Users in one command. A small batch keeps the command short, so that it delays concurrent sends little. */
const BATCH = 50;
/** Milliseconds between two batches. */
const PAUSE = 15;

/**
 * Resets expired statuses, and sends events that no node has sent. Every node does both; the database lets one node
 * make each change.
 */
export class StatusSweep {
  readonly #deps: StatusSweepDeps;
  readonly #sweeping: Periodic;

  constructor(deps: StatusSweepDeps) {
    this.#deps = deps;
    this.#sweeping = new Periodic({
      ...{ name: 'status_sweep', every: EVERY, metrics: deps.periodicMetrics },
      run: (signal) => this.#sweep(signal),
      onFault: (error) => deps.reportFault('status_expiry_failed', error),
    });
  }

  /** Runs now, for what became due while no node was running, and then every second. */
  start(): void {
    this.#sweeping.start();
    this.#sweeping.wake();
  }

  /** Waits for the run in progress. */
  stop(): Promise<void> {
    return this.#sweeping.stop();
  }

  /** Runs once, or joins the run in progress. Never rejects: a failure is reported, and the next run retries. */
  run(): Promise<void> {
    return this.#sweeping.runNow();
  }

  async #sweep(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && (await this.#expireBatch())) await delay(PAUSE);
    while (!signal.aborted && (await this.#sendBatch()));
  }

  /** Returns whether there may be more. */
  async #expireBatch(): Promise<boolean> {
    const { newId, onExpired, sender, statuses } = this.#deps;
    const due = await statuses.due(BATCH);
    if (due.length === 0) return false;
    const expired = await statuses.expire(due, newId());
    onExpired(expired.length);
    await sender.sendMany(expired);
    return due.length === BATCH;
  }

  async #sendBatch(): Promise<boolean> {
    const { sender, statuses } = this.#deps;
    const unsent = await statuses.claimUnsent(BATCH);
    await sender.sendMany(unsent);
    return unsent.length === BATCH;
  }
}
