import { TokenBuckets } from '@parley/backend-common';
import { WATCHES, type RateLimit } from '@parley/common';

/**
 * Direct conversations of a user whose entries are looked up: once for each two users who have both written, but again
 * and again for those with whom only one has.
 */
const LOOK_UPS: RateLimit = { perSecond: 20, burst: 500 };

/** Limits whose presence a user asks for by what it costs: each watched user is looked up. */
export class WatchLimit {
  readonly #buckets: TokenBuckets;
  readonly #lookUps: TokenBuckets;

  /** @param monotonic - monotonic milliseconds */
  constructor(monotonic: () => number = () => performance.now()) {
    this.#buckets = new TokenBuckets(monotonic);
    this.#lookUps = new TokenBuckets(monotonic);
  }

  /** @throws AppError `rate_limited` with `retryAfterMs` when a user has asked for too many */
  take(userId: string, watched: number): void {
    const { burst, perSecond } = WATCHES;
    // One token for all of them.
    this.#buckets.take(userId, { perSecond: perSecond / watched, burst: burst / watched });
  }

  /** Whether the entries of one more direct conversation may be looked up for a user. */
  mayLookUp(userId: string): boolean {
    return this.#lookUps.tryTake(userId, LOOK_UPS);
  }
}
