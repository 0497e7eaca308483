/** What has to be ended, last-in first-out, each whatever happens to the others. */
export class Closers {
  readonly #closers: (() => unknown)[] = [];
  #closing: Promise<void> | undefined;

  /** Remembers how to end what was started on the line before. */
  defer(close: () => unknown): void {
    this.#closers.push(close);
  }

  /** Whether `close` has been called. */
  get closing(): boolean {
    return this.#closing !== undefined;
  }

  /** Ends everything, once. Never rejects: who stops does not care why something was gone already. */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    for (const close of this.#closers.toReversed()) {
      try {
        await close();
      } catch {
        // The next one is ended all the same.
      }
    }
  }
}
