/**
 * Checks that the numbers 1, 2, 3, … of one conversation arrive at one receiver: all of them, each once, in order.
 * Only numbers that arrive too early take memory.
 */
export class Arrivals {
  readonly #early = new Set<number>();
  #next = 1;
  #doubled = 0;
  #reordered = 0;

  /** Records that `number` has arrived; returns false if it had arrived before. */
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

  /** How many arrivals were repetitions. */
  get doubled(): number {
    return this.#doubled;
  }

  /** How many arrived before a smaller number. */
  get reordered(): number {
    return this.#reordered;
  }

  /** How many of the numbers up to `last` have not arrived. */
  missing(last: number): number {
    return Math.max(0, last - (this.#next - 1) - this.#early.size);
  }

  #catchUp(): void {
    while (this.#early.delete(this.#next)) this.#next += 1;
  }
}
