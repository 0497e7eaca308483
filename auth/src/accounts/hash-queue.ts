import { addressGroup } from '@parley/backend-common';
import { AppError, SECOND } from '@parley/common';
import PQueue from 'p-queue';

/** Tasks that may wait, in addition to those that run. */
const MAX_WAITING = 64;
/** Tasks of one address group, waiting or running. */
const PER_GROUP = 4;

/**
 * Limits how many password hashes are computed and how many wait, so that a flood of logins does not take all CPU time.
 * The first task of each address group runs before the second task of any other group: a user who logs in during a flood
 * from other addresses does not wait for that flood.
 */
export class HashQueue {
  readonly #queue: PQueue;
  readonly #byGroup = new Map<string, number>();

  constructor(options: { readonly concurrency: number }) {
    this.#queue = new PQueue({ concurrency: options.concurrency });
  }

  /** Number of tasks that wait or run. */
  get depth(): number {
    return this.#queue.size + this.#queue.pending;
  }

  /** Runs a task when a slot is free. @throws AppError `unavailable` with `retryAfterMs` when too many wait */
  async run<Result>(address: string, task: () => Promise<Result>): Promise<Result> {
    const group = addressGroup(address);
    const ofGroup = this.#byGroup.get(group) ?? 0;
    if (this.#queue.size >= MAX_WAITING || ofGroup >= PER_GROUP) {
      throw new AppError('unavailable', 'Too many people are logging in; try again soon', {
        retryAfterMs: SECOND,
      });
    }
    this.#byGroup.set(group, ofGroup + 1);
    try {
      return await this.#queue.add(task, { priority: -ofGroup });
    } finally {
      this.#leave(group);
    }
  }

  /** Resolves when no task runs or waits. */
  async close(): Promise<void> {
    await this.#queue.onIdle();
  }

  #leave(group: string): void {
    const left = (this.#byGroup.get(group) ?? 1) - 1;
    if (left > 0) this.#byGroup.set(group, left);
    else this.#byGroup.delete(group);
  }
}
