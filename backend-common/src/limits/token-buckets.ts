import { AppError, type RateLimit } from '@parley/common';

/** Keys in one table. When there are more, the oldest are removed, which can only allow more requests. */
export const LARGEST_TABLE = 100_000;

/** Most milliseconds that a bucket has no token, after more was taken from it than it had. */
const LARGEST_DEBT = 1_000;

/** Sums of intervals such as 1000/3 have rounding errors. */
const ROUNDING = 1e-3;

/** Records each token that is taken. */
interface Spending {
  add(key: string, limit: RateLimit, now: number): void;
}

/**
 * Token buckets by key, in memory: each node limits the requests that it serves. One number for each key
 * (the generic cell rate algorithm, ITU-T I.371): the time at which the bucket will be full again.
 */
export class TokenBuckets {
  readonly #fullAt = new Map<string, number>();
  readonly #now: () => number;
  readonly #spending: Spending | undefined;

  /**
   * @param now - monotonic milliseconds
   * @param spending - absent: tokens are not recorded
   */
  constructor(now: () => number = () => performance.now(), spending?: Spending) {
    this.#now = now;
    this.#spending = spending;
  }

  /** Takes one token. @throws AppError `rate_limited` with `retryAfterMs` when there is none */
  take(key: string, limit: RateLimit): void {
    const ahead = this.#take(key, limit);
    if (ahead === 0) return;
    throw new AppError('rate_limited', 'Too many requests; wait a little', {
      retryAfterMs: Math.ceil(ahead),
    });
  }

  /** Takes one token. Returns false if there is none. It creates no error, which would cost more than a connection. */
  tryTake(key: string, limit: RateLimit): boolean {
    return this.#take(key, limit) === 0;
  }

  /** Takes one token and returns 0. If there is none, returns the milliseconds until there is one. */
  #take(key: string, limit: RateLimit): number {
    const now = this.#now();
    const interval = 1_000 / limit.perSecond;
    const fullAt = Math.max(this.#fullAt.get(key) ?? 0, now) + interval;
    const ahead = fullAt - now - limit.burst * interval;
    if (ahead > ROUNDING) return ahead;
    this.#put(key, fullAt);
    this.#forgetFull(now);
    this.#spending?.add(key, limit, now);
    return 0;
  }

  /** Takes tokens that other nodes have used: the bucket is full at `fullAt` (monotonic milliseconds) at the earliest. */
  raise(key: string, fullAt: number): void {
    if (fullAt > (this.#fullAt.get(key) ?? 0)) this.#put(key, fullAt);
  }

  /** Takes tokens, also those that come within the next second. */
  spend(key: string, limit: RateLimit, tokens: number): void {
    const now = this.#now();
    const interval = 1_000 / limit.perSecond;
    const fullAt = Math.max(this.#fullAt.get(key) ?? 0, now) + tokens * interval;
    this.#put(key, Math.min(fullAt, now + limit.burst * interval + LARGEST_DEBT));
  }

  get size(): number {
    return this.#fullAt.size;
  }

  #put(key: string, fullAt: number): void {
    this.#fullAt.delete(key);
    this.#fullAt.set(key, fullAt);
  }

  /** Checks the two oldest buckets. Removes those that are full, and any while the table is too large. */
  #forgetFull(now: number): void {
    let checked = 0;
    for (const [key, fullAt] of this.#fullAt) {
      checked += 1;
      if (checked > 2) return;
      if (fullAt > now && this.#fullAt.size <= LARGEST_TABLE) continue;
      this.#fullAt.delete(key);
    }
  }
}
