/** How many runs of a periodic task one round over all keys takes. */
const RUNS = 60;

/** Goes round a changing set of keys, an equal share at a time, so that renewing them causes no bursts. */
export class RenewalRound {
  readonly #all: () => readonly string[];
  #left: string[] = [];
  #share = 0;

  /** @param all - the keys of now, read at the start of each round */
  constructor(all: () => readonly string[]) {
    this.#all = all;
  }

  /** The next share: each key comes once in 60 calls, unless it is newer than the round. */
  next(): readonly string[] {
    if (this.#left.length === 0) {
      this.#left = [...this.#all()];
      this.#share = Math.ceil(this.#left.length / RUNS);
    }
    return this.#left.splice(-this.#share);
  }
}
