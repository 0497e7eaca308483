/** Missing entries: `after + 1 … to`. */
export interface Gap {
  readonly after: number;
  readonly to: number;
}

/**
 * Which entries this device has received: everything up to `upTo`, and single ones beyond it. Only
 * `upTo`, the end of the gapless prefix, may be acknowledged.
 */
export class ReceivedEntries {
  #upTo: number;
  readonly #beyond = new Set<number>();

  /** @param upTo nothing up to this `seq` concerns this user, who joined after it. */
  constructor(upTo: number) {
    this.#upTo = upTo;
  }

  get upTo(): number {
    return this.#upTo;
  }

  /** Everything up to `seq` is received, or was acknowledged by another device of this user. */
  addUpTo(seq: number): void {
    this.add(this.#upTo + 1, seq);
  }

  /** The entries `from … to` are received. */
  add(from: number, to: number): void {
    if (from <= this.#upTo + 1) this.#upTo = Math.max(this.#upTo, to);
    else for (let seq = from; seq <= to; seq += 1) this.#beyond.add(seq);
    while (this.#beyond.has(this.#upTo + 1)) this.#upTo += 1;
    for (const seq of this.#beyond) if (seq <= this.#upTo) this.#beyond.delete(seq);
  }

  has(seq: number): boolean {
    return seq <= this.#upTo || this.#beyond.has(seq);
  }

  /** The first missing entries up to `last`. */
  gap(last: number): Gap | null {
    if (this.#upTo >= last) return null;
    let next = last + 1;
    for (const seq of this.#beyond) next = Math.min(next, seq);
    return { after: this.#upTo, to: next - 1 };
  }
}
