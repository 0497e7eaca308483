import { toAppError } from '@parley/common';

/**
 * Keeps the messages of one socket in one conversation in the order of arrival, although some need a lookup before they
 * can be queued. That order is the order in the log.
 */
export class ArrivalOrder {
  readonly #tails = new Map<string, Promise<unknown>>();

  /** Whether no message waits for a lookup. */
  get isEmpty(): boolean {
    return this.#tails.size === 0;
  }

  /**
   * Calls `then` with the result of `prepare`, after everything that arrived earlier under the same key. Calls it at
   * once without a key, or when there is nothing to wait for.
   */
  run<Prepared, Result>(
    key: string | undefined,
    prepare: () => Prepared | Promise<Prepared>,
    then: (prepared: Prepared) => Promise<Result>,
  ): Promise<Result> {
    const before = key === undefined ? undefined : this.#tails.get(key);
    const prepared = before === undefined ? attempt(prepare) : before.then(prepare);
    if (!(prepared instanceof Promise)) return then(prepared);

    // The next in the chain follows when `then` was called, not when its promise has settled.
    let result: Promise<Result> | undefined;
    const called = prepared.then((value) => {
      result = then(value);
      result.catch(() => undefined);
    });
    if (key !== undefined) this.#hold(key, called);
    return called.then(() => result as Promise<Result>);
  }

  #hold(key: string, called: Promise<unknown>): void {
    const tail = called
      .catch(() => undefined)
      .then(() => {
        if (this.#tails.get(key) === tail) this.#tails.delete(key);
      });
    this.#tails.set(key, tail);
  }
}

function attempt<Prepared>(
  prepare: () => Prepared | Promise<Prepared>,
): Prepared | Promise<Prepared> {
  try {
    return prepare();
  } catch (error) {
    return Promise.reject(toAppError(error));
  }
}
