import { AppError, SECOND } from '@parley/common';
import PQueue from 'p-queue';

/** Tasks that may wait beside those that run. */
const WAITING_AT_MOST = 64;
/** Tasks of one client address, waiting or running. */
const PER_ADDRESS = 4;

/**
 * Lets few password hashes run at once and few wait: a flood of log-ins is refused here,
 * instead of taking the processor from everything else.
 */
export class HashQueue {
  readonly #queue: PQueue;
  readonly #byAddress = new Map<string, number>();

  constructor(options: { readonly concurrency: number }) {
    this.#queue = new PQueue({ concurrency: options.concurrency });
  }

  /** Tasks that wait or run. */
  get depth(): number {
    return this.#queue.size + this.#queue.pending;
  }

  /** Runs a task when its turn comes. @throws AppError `unavailable` with `retryAfterMs` when too many wait */
  async run<Result>(address: string, task: () => Promise<Result>): Promise<Result> {
    const ofAddress = this.#byAddress.get(address) ?? 0;
    if (this.#queue.size >= WAITING_AT_MOST || ofAddress >= PER_ADDRESS) {
      throw new AppError('unavailable', 'Too many people log in at this moment; try again soon', {
        retryAfterMs: SECOND,
      });
    }
    this.#byAddress.set(address, ofAddress + 1);
    try {
      return await this.#queue.add(task);
    } finally {
      this.#leave(address);
    }
  }

  /** Resolves when nothing runs any more. */
  async close(): Promise<void> {
    await this.#queue.onIdle();
  }

  #leave(address: string): void {
    const left = (this.#byAddress.get(address) ?? 1) - 1;
    if (left > 0) this.#byAddress.set(address, left);
    else this.#byAddress.delete(address);
  }
}
