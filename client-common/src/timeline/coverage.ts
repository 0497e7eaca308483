/** Entries that are missing: all of `after + 1 … to`. */
export interface Gap {
  readonly after: number;
  readonly to: number;
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * Which entries this device has received, as few numbers: everything up to `have`, and ranges beyond
 * it. Only `have`, the gapless prefix, may be acknowledged.
 */
export class Coverage {
  #have = 0;
  #ranges: Range[] = [];

  get have(): number {
    return this.#have;
  }

  /** Everything up to `seq` is received, or is acknowledged by another device of this person. */
  raise(seq: number): void {
    if (seq > this.#have) this.add(this.#have + 1, seq);
  }

  /** The entries `from … to` are received. */
  add(from: number, to: number): void {
    if (to < from) return;
    let merged: Range = { from, to };
    const apart: Range[] = [];
    for (const range of this.#ranges) {
      if (range.to + 1 < merged.from || merged.to + 1 < range.from) apart.push(range);
      else merged = { from: Math.min(range.from, merged.from), to: Math.max(range.to, merged.to) };
    }
    if (merged.from <= this.#have + 1) this.#have = Math.max(this.#have, merged.to);
    else apart.push(merged);
    this.#ranges = apart.sort((left, right) => left.from - right.from);
  }

  has(seq: number): boolean {
    return seq <= this.#have || this.#ranges.some(({ from, to }) => from <= seq && seq <= to);
  }

  /** The first entries missing up to `last`. */
  gap(last: number): Gap | null {
    if (this.#have >= last) return null;
    const next = this.#ranges[0];
    return { after: this.#have, to: next === undefined ? last : Math.min(last, next.from - 1) };
  }

  /** Forgets all, as after joining anew: nothing before `have + 1` concerns this person. */
  reset(have: number): void {
    this.#have = have;
    this.#ranges = [];
  }
}
