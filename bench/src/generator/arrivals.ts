/**
 * Checks that the numbers 1, 2, 3, … of one conversation arrive somewhere: each of them, once, in order.
 * Memory grows only with what arrives too early.
 */
export class Arrivals {
  readonly #early = new Set<number>();
  #next = 1;
  #doubled = 0;
  #reordered = 0;

  /** Notes that `number` has come; false if it had come before. */
  take(number: number): boolean {
    if (number === this.#next) {
      this.#next += 1;
      if (this.#early.size > 0) this.#catchUp();
      return true;
    }
    if (number < this.#next || this.#early.has(number)) {
      this.#doubled += 1;
      return false;
    }
    this.#reordered += 1;
    this.#early.add(number);
    return true;
  }

  /** How many came more than once. */
  get doubled(): number {
    return this.#doubled;
  }

  /** How many came before a smaller one. */
  get reordered(): number {
    return this.#reordered;
  }

  /** How many of the numbers up to `last` have not come. */
  missing(last: number): number {
    return Math.max(0, last - (this.#next - 1) - this.#early.size);
  }

  #catchUp(): void {
    while (this.#early.delete(this.#next)) this.#next += 1;
  }
}
