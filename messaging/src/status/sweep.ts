import { setTimeout as delay } from 'node:timers/promises';
import { SECOND } from '@parley/common';

import type { ReportFault } from '../faults.ts';
import type { PartnerEventSender } from '../partners/partner-event-sender.ts';
import type { StatusRepository } from './repository.ts';

interface StatusSweepDeps {
  readonly statuses: Pick<StatusRepository, 'due' | 'expire' | 'claimUnsent'>;
  readonly sender: Pick<PartnerEventSender, 'sendMany'>;
  readonly newId: () => string;
  readonly onExpired: (count: number) => void;
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
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #isStopping = false;

  constructor(deps: StatusSweepDeps) {
    this.#deps = deps;
  }

  /** Runs now, for what became due while no node was running, and then every second. */
  start(): void {
    this.#timer = setInterval(() => void this.run(), EVERY).unref();
    void this.run();
  }

  /** Waits for the run in progress. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  /** Runs once, or joins the run in progress. Never throws: a failure is reported, and the next run retries. */
  run(): Promise<void> {
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #run(): Promise<void> {
    try {
      while (!this.#isStopping && (await this.#expireBatch())) await delay(PAUSE);
      while (!this.#isStopping && (await this.#sendBatch()));
    } catch (error) {
      this.#deps.reportFault('status_expiry_failed', error);
    }
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
    const { newId, sender, statuses } = this.#deps;
    const unsent = await statuses.claimUnsent(newId(), BATCH);
    await sender.sendMany(unsent);
    return unsent.length === BATCH;
  }
}
