import { setTimeout as delay } from 'node:timers/promises';
import { SECOND } from '@parley/common';

import type { NewsTeller } from '../partners/news-teller.ts';
import type { StatusRepository } from './repository.ts';

interface StatusSweepDeps {
  readonly statuses: Pick<StatusRepository, 'due' | 'expire' | 'claimUntold'>;
  readonly teller: Pick<NewsTeller, 'tellMany'>;
  readonly newId: () => string;
  readonly onExpired: (count: number) => void;
  readonly onFault: (fault: string, error: unknown) => void;
}

const EVERY = SECOND;
/** People taken at once, and the milliseconds between: whoever sends meanwhile waits for one command of few milliseconds. */
const BATCH = 50;
const PAUSE = 15;

/**
 * Ends statuses that are over, and tells what nobody has told. Every node does both; the database lets each change
 * happen once, whoever is first.
 */
export class StatusSweep {
  readonly #deps: StatusSweepDeps;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #isStopping = false;

  constructor(deps: StatusSweepDeps) {
    this.#deps = deps;
  }

  /** Runs now, for what was due while no node was there, and each second. */
  start(): void {
    this.#timer = setInterval(() => void this.run(), EVERY).unref();
    void this.run();
  }

  /** Resolves when what is under way has ended. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  /** Runs once, or joins the run under way; what fails is reported and done by the next. */
  run(): Promise<void> {
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #run(): Promise<void> {
    try {
      while (!this.#isStopping && (await this.#expireSome())) await delay(PAUSE);
      while (!this.#isStopping && (await this.#tellSome()));
    } catch (error) {
      this.#deps.onFault('Statuses were not ended', error);
    }
  }

  /** Answers whether there may be more. */
  async #expireSome(): Promise<boolean> {
    const { newId, onExpired, statuses, teller } = this.#deps;
    const due = await statuses.due(BATCH);
    if (due.length === 0) return false;
    const expired = await statuses.expire(due, newId());
    onExpired(expired.length);
    await teller.tellMany(expired);
    return due.length === BATCH;
  }

  async #tellSome(): Promise<boolean> {
    const { newId, statuses, teller } = this.#deps;
    const untold = await statuses.claimUntold(newId(), BATCH);
    await teller.tellMany(untold);
    return untold.length === BATCH;
  }
}
