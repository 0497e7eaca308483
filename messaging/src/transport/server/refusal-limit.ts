import { TokenBuckets } from '@parley/backend-common';
import { LIMITS, REFUSALS, type ErrorCode } from '@parley/common';

/** The refusals that are counted: only the client can have caused them. Other refused calls have taken tokens of its rate limits. */
const COUNTED: ReadonlySet<ErrorCode> = new Set([
  'invalid_input',
  'rate_limited',
  'unknown_operation',
]);

/** Most sessions that are remembered as shut out. */
const REMEMBERED = 10_000;

/**
 * Detects clients that keep sending requests that are refused. Their connections are closed, and their sessions are shut
 * out for a while: they cannot connect. Otherwise the node would answer such a client for ever, at the cost of others.
 */
export class RefusalLimit {
  readonly #monotonic: () => number;
  readonly #buckets: TokenBuckets;
  /** When each session may connect again (monotonic milliseconds), in the order in which they were shut out. */
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

  /** Number of sessions that are remembered as shut out. */
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

  /** Whether a session may not connect now. Costs next to nothing while none is shut out. */
  isShutOut(sessionId: string): boolean {
    return this.#shutOut.size > 0 && this.remaining(sessionId) > 0;
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
