import { TokenBuckets } from '@parley/backend-common';
import { WATCHES } from '@parley/common';

/** Limits whose presence a user asks for by what it costs: each watched user is looked up. */
export class WatchLimit {
  readonly #buckets: TokenBuckets;

  /** @param monotonic - monotonic milliseconds */
  constructor(monotonic: () => number = () => performance.now()) {
    this.#buckets = new TokenBuckets(monotonic);
  }

  /** @throws AppError `rate_limited` with `retryAfterMs` when a user has asked for too many */
  take(userId: string, watched: number): void {
    const { burst, perSecond } = WATCHES;
    // One token for all of them.
    this.#buckets.take(userId, { perSecond: perSecond / watched, burst: burst / watched });
  }
}
