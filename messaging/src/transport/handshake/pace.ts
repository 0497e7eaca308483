/** How often a key may begin something. All values are milliseconds in which the bucket of a key drains. */
export interface PaceOptions {
  /** How much one beginning adds to the bucket. */
  readonly cost: number;
  /** The level up to which nothing waits. */
  readonly allowance: number;
  /** The longest wait. The level never exceeds `allowance` and this together. */
  readonly longest: number;
  /** Most buckets that are kept; beyond that, the oldest is forgotten, which only allows more. Default 10,000. */
  readonly keys?: number;
}

const REMEMBERED = 10_000;

/**
 * Leaky buckets that delay keys which begin too often, instead of refusing them: an attacker is slowed down, and a user
 * who shares a key with one is still served.
 */
export class Pace {
  readonly #options: PaceOptions;
  readonly #monotonic: () => number;
  /** When the bucket of each key will be empty, in the order of the last change. */
  readonly #emptyAt = new Map<string, number>();

  /** @param monotonic - monotonic milliseconds */
  constructor(options: PaceOptions, monotonic: () => number = () => performance.now()) {
    this.#options = options;
    this.#monotonic = monotonic;
  }

  /** Number of keys that are remembered. */
  get size(): number {
    return this.#emptyAt.size;
  }

  /** Fills the bucket of a key for one beginning. Returns the milliseconds that it has to wait. */
  begin(key: string): number {
    return this.charge(key, this.#options.cost);
  }

  /** Fills the bucket of a key. Returns the milliseconds that a beginning has to wait. */
  charge(key: string, cost: number): number {
    const { allowance, longest } = this.#options;
    const now = this.#monotonic();
    const emptyAt = Math.max(this.#emptyAt.get(key) ?? 0, now) + cost;
    this.#emptyAt.delete(key);
    this.#emptyAt.set(key, Math.min(emptyAt, now + allowance + longest));
    this.#forget(now);
    return Math.min(Math.max(0, emptyAt - now - allowance), longest);
  }

  /** Examines the two oldest buckets, and removes each that is empty, or any while there are too many. */
  #forget(now: number): void {
    const { keys = REMEMBERED } = this.#options;
    let checked = 0;
    for (const [key, emptyAt] of this.#emptyAt) {
      checked += 1;
      if (checked > 2) return;
      if (emptyAt <= now || this.#emptyAt.size > keys) this.#emptyAt.delete(key);
    }
  }
}
