/** Median, minimum and maximum of a set of values. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** The percentile `fraction` (0–1) of an ascending list, by nearest rank; NaN if the list is empty. */
export function percentile(ascending: ArrayLike<number>, fraction: number): number {
  const rank = Math.max(1, Math.ceil(fraction * ascending.length));
  return ascending[rank - 1] ?? Number.NaN;
}

/** The middle value, or the mean of the two middle values; NaN if there are none. */
export function median(values: readonly number[]): number {
  const ascending = values.toSorted((a, b) => a - b);
  const middle = ascending.length >> 1;
  const upper = ascending[middle] ?? Number.NaN;
  return ascending.length % 2 === 1 ? upper : ((ascending[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Median and extremes. @throws RangeError if there are no values */
export function spread(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('There are no values');
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** Collects many measured values in a typed array, which needs little memory. */
export class Samples {
  #values = new Float64Array(4_096);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(value: number): void {
    if (this.#count === this.#values.length) {
      const larger = new Float64Array(this.#values.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#count] = value;
    this.#count += 1;
  }

  /** Percentiles of the values added so far, in the order of `fractions`. */
  percentiles(fractions: readonly number[]): number[] {
    const ascending = this.#values.slice(0, this.#count).sort();
    return fractions.map((fraction) => percentile(ascending, fraction));
  }
}
