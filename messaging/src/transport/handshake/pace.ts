/** How often something may begin, as waiting in milliseconds. */
export interface PaceOptions {
  /** What one beginning costs its key. */
  readonly cost: number;
  /** What a key may owe without waiting. */
  readonly allowance: number;
  /** The longest wait. A key that owes more is not asked for it later. */
  readonly longest: number;
  /** Keys that are remembered; beyond it, the oldest may begin early. Default 10,000. */
  readonly keys?: number;
}

const REMEMBERED = 10_000;

/**
 * Makes those wait who begin too often, instead of refusing them: an attacker is slowed to what the wait allows, and
 * who shares a key with one still gets in.
 */
export class Pace {
  readonly #options: PaceOptions;
  readonly #monotonic: () => number;
  /** When all that a key has cost is paid for, in the order of the last cost. */
  readonly #paidAt = new Map<string, number>();

  /** @param monotonic - monotonic milliseconds */
  constructor(options: PaceOptions, monotonic: () => number = () => performance.now()) {
    this.#options = options;
    this.#monotonic = monotonic;
  }

  /** Number of keys that are remembered. */
  get size(): number {
    return this.#paidAt.size;
  }

  /** Charges a key for one beginning. Returns the milliseconds that it has to wait. */
  begin(key: string): number {
    return this.charge(key, this.#options.cost);
  }

  /** Charges a key for work that it has caused. Returns the milliseconds that a beginning has to wait. */
  charge(key: string, cost: number): number {
    const { allowance, longest } = this.#options;
    const now = this.#monotonic();
    const paidAt = Math.max(this.#paidAt.get(key) ?? 0, now) + cost;
    this.#paidAt.delete(key);
    this.#paidAt.set(key, Math.min(paidAt, now + allowance + longest));
    this.#forget(now);
    return Math.min(Math.max(0, paidAt - now - allowance), longest);
  }

  /** Removes the two oldest keys that owe nothing, and any one while there are too many. */
  #forget(now: number): void {
    const { keys = REMEMBERED } = this.#options;
    let checked = 0;
    for (const [key, paidAt] of this.#paidAt) {
      checked += 1;
      if (checked > 2) return;
      if (paidAt <= now || this.#paidAt.size > keys) this.#paidAt.delete(key);
    }
  }
}
