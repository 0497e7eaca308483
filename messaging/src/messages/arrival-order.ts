import { toAppError } from '@parley/common';

/**
 * Keeps what one socket says in one conversation in the order in which it came, although some of it must look
 * something up before it may queue: that order is the order of the log.
 */
export class ArrivalOrder {
  readonly #tails = new Map<string, Promise<unknown>>();

  /** Whether nobody waits for anything. */
  get isEmpty(): boolean {
    return this.#tails.size === 0;
  }

  /**
   * Calls `then` with the outcome of `prepare`, after everything that came before under the same key.
   * Without a key, or where nothing is to be waited for, at once.
   */
  run<Prepared, Result>(
    key: string | undefined,
    prepare: () => Prepared | Promise<Prepared>,
    then: (prepared: Prepared) => Promise<Result>,
  ): Promise<Result> {
    const before = key === undefined ? undefined : this.#tails.get(key);
    const prepared = before === undefined ? attempt(prepare) : before.then(prepare);
    if (!(prepared instanceof Promise)) return then(prepared);

    // The chain goes on when `then` has been called, not when its outcome is there.
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
