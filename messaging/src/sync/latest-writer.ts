/** Writes every n-th of a series of values, one write at a time, and the newest at the end. */
export class LatestWriter {
  readonly #write: (value: number) => Promise<void>;
  readonly #every: number;
  #latest: number | undefined;
  #waiting = 0;
  #writing: Promise<void> | undefined;

  /**
   * @param every - values to a write at least
   * @param write - must not reject
   */
  constructor(every: number, write: (value: number) => Promise<void>) {
    this.#every = every;
    this.#write = write;
  }

  /** Takes a value, which replaces one that still waits. */
  put(value: number): void {
    this.#latest = value;
    this.#waiting += 1;
    if (this.#isDue) this.#writing ??= this.#run();
  }

  /** Writes what still waits; resolves when everything taken so far is written. */
  async finish(): Promise<void> {
    await this.#writing;
    await this.#writeLatest();
  }

  get #isDue(): boolean {
    return this.#waiting >= this.#every;
  }

  async #run(): Promise<void> {
    while (this.#isDue) await this.#writeLatest();
    this.#writing = undefined;
  }

  async #writeLatest(): Promise<void> {
    const value = this.#latest;
    this.#latest = undefined;
    this.#waiting = 0;
    if (value !== undefined) await this.#write(value);
  }
}
