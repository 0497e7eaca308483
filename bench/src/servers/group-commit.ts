/** Writes many values at once. */
export type WriteAll<Value> = (values: readonly Value[]) => Promise<unknown>;

interface Waiting<Value> {
  readonly value: Value;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const IN_PROGRESS = 2;

/** Writes all waiting values together, with at most two writes in progress. There is no timer. */
export class GroupCommit<Value> {
  readonly #writeAll: WriteAll<Value>;
  #waiting: Waiting<Value>[] = [];
  #inProgress = 0;
  #isDue = false;

  constructor(writeAll: WriteAll<Value>) {
    this.#writeAll = writeAll;
  }

  /** Resolves when the value is written. */
  write(value: Value): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ value, resolve, reject });
      if (this.#isDue) return;
      this.#isDue = true;
      // Values of the same turn of the event loop are written together.
      setImmediate(() => {
        this.#isDue = false;
        this.#next();
      });
    });
  }

  #next(): void {
    if (this.#waiting.length === 0 || this.#inProgress === IN_PROGRESS) return;
    const batch = this.#waiting;
    this.#waiting = [];
    this.#inProgress += 1;
    const end = (settle: (waiting: Waiting<Value>) => void) => {
      for (const waiting of batch) settle(waiting);
      this.#inProgress -= 1;
      this.#next();
    };
    this.#writeAll(batch.map(({ value }) => value)).then(
      () => end(({ resolve }) => resolve()),
      (error: unknown) => end(({ reject }) => reject(error)),
    );
  }
}
