/** Writes every n-th value of a series, one write at a time, and the last value at the end. */
export class LatestWriter {
  readonly #write: (value: number) => Promise<void>;
  readonly #every: number;
  #latest: number | undefined;
  #waiting = 0;
  #writing: Promise<void> | undefined;

  /**
   * @param every - the smallest number of values between two writes
   * @param write - must not reject
   */
  constructor(every: number, write: (value: number) => Promise<void>) {
    this.#every = every;
    this.#write = write;
  }

  /** Accepts a value, which replaces one that is still waiting. */
  put(value: number): void {
    this.#latest = value;
    this.#waiting += 1;
    if (this.#isDue) this.#writing ??= this.#run();
  }

  /** Writes the waiting value; resolves when all accepted values are written or replaced. */
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
