import { TokenBuckets } from '@parley/backend-common';
import { LIMITS, REFUSALS, type ErrorCode } from '@parley/common';

/** Refusals that only the client can be blamed for. All others have cost it tokens of its rate limits. */
const COUNTED: ReadonlySet<ErrorCode> = new Set([
  'invalid_input',
  'rate_limited',
  'unknown_operation',
]);

/** Sessions that are remembered. */
const REMEMBERED = 10_000;

/**
 * Finds clients that go on sending what is refused. Their connections are cut, and their sessions shut out for a while:
 * otherwise such a client would be answered for ever, at the cost of the others on its node.
 */
export class RefusalLimit {
  readonly #monotonic: () => number;
  readonly #buckets: TokenBuckets;
  /** Until when sessions are shut out, in the order in which they were. */
  readonly #shutOut = new Map<string, number>();

  readonly #remembered: number;

  /**
   * @param monotonic - monotonic milliseconds
   * @param remembered - sessions; beyond it, the one that was shut out first may connect again early
   */
  constructor(monotonic: () => number = () => performance.now(), remembered = REMEMBERED) {
    this.#monotonic = monotonic;
    this.#remembered = remembered;
    this.#buckets = new TokenBuckets(monotonic);
  }

  /** Number of sessions that are remembered. */
  get size(): number {
    return this.#shutOut.size;
  }

  /** Counts an answer to a session. Returns whether there were too many refusals: then the session is shut out. */
  isExceededBy(sessionId: string, code: ErrorCode): boolean {
    if (!COUNTED.has(code)) return false;
    if (this.#buckets.tryTake(sessionId, REFUSALS)) return false;
    this.#shutOut.delete(sessionId);
    this.#shutOut.set(sessionId, this.#monotonic() + LIMITS.shutOut);
    this.#forgetOld();
    return true;
  }

  /** Milliseconds until a session may connect again; 0: now. */
  remaining(sessionId: string): number {
    return Math.max(0, Math.ceil((this.#shutOut.get(sessionId) ?? 0) - this.#monotonic()));
  }

  #forgetOld(): void {
    const now = this.#monotonic();
    for (const [sessionId, until] of this.#shutOut) {
      if (until > now && this.#shutOut.size <= this.#remembered) return;
      this.#shutOut.delete(sessionId);
    }
  }
}
