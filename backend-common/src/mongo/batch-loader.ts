import { AppError } from '@parley/common';
import DataLoader from 'dataloader';

/** Time, which a test may replace. */
interface BatchLoaderTime {
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
  /** Calls back once after `ms` milliseconds; with 0, at the end of this turn of the event loop. */
  readonly after: (ms: number, callback: () => void) => void;
}

interface BatchLoaderOptions<Value> {
  /** Reads what there is; keys without a value are absent from the answer. */
  readonly read: (keys: readonly string[]) => Promise<ReadonlyMap<string, Value>>;
  /** Keys in one query at most. */
  readonly maxBatchSize: number;
  /** Loads that may wait for their value at once; further ones are refused. Default: no bound. */
  readonly waitingAtMost?: number;
  readonly time?: BatchLoaderTime;
}

/** Milliseconds between two queries for each key of the first. A single load hardly delays the next one. */
const PAUSE_PER_KEY = 5;
/** Most milliseconds between the starts of two queries. */
const LONGEST_PAUSE = 50;

const SYSTEM_TIME: BatchLoaderTime = {
  monotonic: () => performance.now(),
  after(ms, callback) {
    if (ms > 0) setTimeout(callback, ms);
    else setImmediate(callback);
  },
};

/**
 * Loads values by key with few queries: loads in the same turn of the event loop, or within a moment after a query,
 * share the next one. The moment grows with the number of keys, so many loads need few queries, and a few do not wait.
 * No load gets a value that was read before it began.
 */
export class BatchLoader<Value> {
  readonly #loader: DataLoader<string, Value | undefined>;
  readonly #waitingAtMost: number;
  readonly #time: BatchLoaderTime;
  #waiting = 0;
  /** Queries that are scheduled and have not begun. */
  #scheduled = 0;
  #nextStart = -Infinity;

  constructor(options: BatchLoaderOptions<Value>) {
    const { maxBatchSize, read, time = SYSTEM_TIME, waitingAtMost = Infinity } = options;
    this.#waitingAtMost = waitingAtMost;
    this.#time = time;
    this.#loader = new DataLoader<string, Value | undefined>(
      async (keys) => {
        this.#started(keys.length);
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

  /** Called when the first key of a query is known. Another query is scheduled before this one begins only if this one is full. */
  #schedule(start: () => void): void {
    const now = this.#time.monotonic();
    const startAt = Math.max(now, this.#nextStart);
    this.#scheduled += 1;
    this.#nextStart = startAt + LONGEST_PAUSE;
    this.#time.after(startAt - now, start);
  }

  #started(keys: number): void {
    this.#scheduled -= 1;
    if (this.#scheduled > 0) return;
    this.#nextStart = this.#time.monotonic() + Math.min(LONGEST_PAUSE, keys * PAUSE_PER_KEY);
  }
}
