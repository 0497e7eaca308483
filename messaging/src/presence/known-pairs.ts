/** Pairs of users, in either order. It builds no string as a key for each pair: that costs more than the look-up. */
export class KnownPairs {
  readonly #most: number;
  /** The higher ids, by the lower one. */
  readonly #higher = new Map<string, Set<string>>();
  #size = 0;

  /** @param most - pairs; beyond it, all are forgotten */
  constructor(most: number) {
    this.#most = most;
  }

  has(one: string, other: string): boolean {
    return one < other
      ? this.#higher.get(one)?.has(other) === true
      : this.#higher.get(other)?.has(one) === true;
  }

  add(one: string, other: string): void {
    if (this.has(one, other)) return;
    if (this.#size >= this.#most) {
      this.#higher.clear();
      this.#size = 0;
    }
    const [low, high] = one < other ? [one, other] : [other, one];
    const known = this.#higher.get(low);
    if (known === undefined) this.#higher.set(low, new Set([high]));
    else known.add(high);
    this.#size += 1;
  }
}
