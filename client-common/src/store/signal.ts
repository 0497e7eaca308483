import type { Readable } from '../api/readable.ts';

/** How a signal may be told about its listeners. */
export interface SignalOptions {
  /** Called when the first listener comes. */
  readonly watched?: () => void;
  /** Called when the last listener went. */
  readonly unwatched?: () => void;
}

/**
 * A value computed when somebody asks for it, kept until it is invalidated. `compute` gets the value
 * before and answers the same object where nothing changed; then nobody is told.
 */
export class Signal<T> implements Readable<T> {
  readonly #compute: (previous: T | undefined) => T;
  readonly #options: SignalOptions;
  readonly #listeners = new Set<() => void>();
  #value: T | undefined;
  #told: T | undefined;
  #stale = true;
  #scheduled = false;

  constructor(compute: (previous: T | undefined) => T, options: SignalOptions = {}) {
    this.#compute = compute;
    this.#options = options;
  }

  readonly get = (): T => {
    if (this.#stale) {
      this.#value = this.#compute(this.#value);
      this.#stale = false;
    }
    return this.#value as T;
  };

  readonly subscribe = (listener: () => void): (() => void) => {
    // Each subscription is its own, also where one listener subscribes twice.
    const own = () => listener();
    if (this.#listeners.size === 0) this.#told = this.get();
    this.#listeners.add(own);
    if (this.#listeners.size === 1) this.#options.watched?.();
    return () => {
      if (this.#listeners.delete(own) && this.#listeners.size === 0) this.#options.unwatched?.();
    };
  };

  get isWatched(): boolean {
    return this.#listeners.size > 0;
  }

  /** Has the value computed again, and tells the listeners once this turn is over if it differs. */
  invalidate(): void {
    this.#stale = true;
    if (this.#scheduled || this.#listeners.size === 0) return;
    this.#scheduled = true;
    void Promise.resolve().then(() => this.#flush());
  }

  #flush(): void {
    this.#scheduled = false;
    const value = this.get();
    if (value === this.#told) return;
    this.#told = value;
    for (const listener of [...this.#listeners]) listener();
  }
}

/** Whether two flat objects have the same values. */
export function sameFields<T extends object>(left: T | null | undefined, right: T): boolean {
  if (left === null || left === undefined) return false;
  const keys = Object.keys(right) as (keyof T)[];
  return (
    keys.length === Object.keys(left).length &&
    keys.every((key) => Object.is(left[key], right[key]))
  );
}

/** `next`, or `previous` where it holds the same things in the same order. */
export function keepSameList<T>(previous: readonly T[], next: readonly T[]): readonly T[] {
  return previous.length === next.length && next.every((each, at) => each === previous[at])
    ? previous
    : next;
}

/** `next`, or `previous` where it has the same values: keeps identities stable. */
export function keepSame<T extends object>(previous: T | null | undefined, next: T): T {
  return previous && sameFields(previous, next) ? previous : next;
}
