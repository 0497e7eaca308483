/** Writes the newest of a series of values, one write at a time: what comes while one is under way is gathered. */
export class LatestWriter {
  readonly #write: (value: number) => Promise<void>;
  #waiting: number | undefined;
  #writing: Promise<void> | undefined;

  /** @param write - must not reject */
  constructor(write: (value: number) => Promise<void>) {
    this.#write = write;
  }

  /** Takes a value, which replaces one that still waits. */
  put(value: number): void {
    this.#waiting = value;
    this.#writing ??= this.#run();
  }

  /** Resolves when everything taken so far is written. */
  async written(): Promise<void> {
    await this.#writing;
  }

  async #run(): Promise<void> {
    for (let next = this.#waiting; next !== undefined; next = this.#waiting) {
      this.#waiting = undefined;
      await this.#write(next);
    }
    this.#writing = undefined;
  }
}
