/** What has to be undone when a start fails or the stack stops, last-in first-out. */
export class Cleanup {
  readonly #closers: (() => unknown)[] = [];
  #closing: Promise<void> | undefined;

  /** Registers how to undo the line before. If the cleanup has begun already, `close` is called at once. */
  defer(close: () => unknown): void {
    if (this.#closing === undefined) this.#closers.push(close);
    else void attempt(close);
  }

  /** Whether `close` has been called. */
  get closing(): boolean {
    return this.#closing !== undefined;
  }

  /** Runs everything once. Never rejects: a step that fails does not keep the next one from running. */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    for (const close of this.#closers.toReversed()) await attempt(close);
  }
}

async function attempt(close: () => unknown): Promise<void> {
  try {
    await close();
  } catch {
    // The process that was to be stopped may have ended by itself.
  }
}
