import { AppError } from '@parley/common';
import DataLoader from 'dataloader';

interface BatchLoaderOptions<Value> {
  /** Reads what there is; keys without a value are absent from the answer. */
  readonly read: (keys: readonly string[]) => Promise<ReadonlyMap<string, Value>>;
  /** Keys in one query at most. */
  readonly maxBatchSize: number;
  /** Loads that may wait for their value at once; further ones are refused. Default: no bound. */
  readonly waitingAtMost?: number;
}

/** Milliseconds between the starts of two queries. A load after a quiet moment does not wait. */
const PAUSE = 50;

/**
 * Loads values by key with few queries: loads in the same turn of the event loop, or within a moment after a query,
 * share the next one. No load gets a value that was read before it began.
 */
export class BatchLoader<Value> {
  readonly #loader: DataLoader<string, Value | undefined>;
  readonly #waitingAtMost: number;
  #waiting = 0;
  #nextStart = -Infinity;

  constructor({ maxBatchSize, read, waitingAtMost = Infinity }: BatchLoaderOptions<Value>) {
    this.#waitingAtMost = waitingAtMost;
    this.#loader = new DataLoader<string, Value | undefined>(
      async (keys) => {
        // The cache holds loads whose query has not begun: what is loaded from now on is read again.
        for (const key of keys) this.#loader.clear(key);
        const found = await read(keys);
        return keys.map((key) => found.get(key));
      },
      { maxBatchSize, batchScheduleFn: (start) => this.#schedule(start) },
    );
  }

  /**
   * The value of a key; rejects with the error of its query, as for all loads that share it.
   * @throws AppError `unavailable` when too many loads wait
   */
  async load(key: string): Promise<Value | undefined> {
    if (this.#waiting >= this.#waitingAtMost) {
      throw new AppError('unavailable', 'Too many look-ups are waiting');
    }
    this.#waiting += 1;
    try {
      return await this.#loader.load(key);
    } finally {
      this.#waiting -= 1;
    }
  }

  #schedule(start: () => void): void {
    const now = performance.now();
    const startAt = Math.max(now, this.#nextStart);
    this.#nextStart = startAt + PAUSE;
    if (startAt > now) setTimeout(start, startAt - now);
    else setImmediate(start);
  }
}
