/** Milliseconds between two looks at the clock. */
const EVERY = 20;

/**
 * Measures for how long this process was too busy to do what was due, or was not given the processor. What a server of
 * this process promises within some time comes later by as much, and a loaded machine can keep it waiting for ever.
 */
export class Lateness {
  #late = 0;
  #lookedAt = performance.now();
  readonly #timer = setInterval(() => this.#look(), EVERY);

  /** Milliseconds since the beginning. */
  get late(): number {
    return this.#late;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = performance.now();
    this.#late += Math.max(0, now - this.#lookedAt - EVERY);
    this.#lookedAt = now;
  }
}
