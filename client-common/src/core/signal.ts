import type { Readable } from './readable.ts';

/** Callbacks that follow whether a signal has listeners. */
export interface SignalOptions {
  /** Called when the first listener subscribes. */
  readonly watched?: () => void;
  /** Called when the last listener unsubscribes. */
  readonly unwatched?: () => void;
}

/**
 * A value that is computed on demand and cached until it is invalidated. `compute` receives the
 * previous value and returns the same object if nothing changed; then no listener is called.
 */
export class Signal<T> implements Readable<T> {
  readonly #compute: (previous: T | undefined) => T;
  readonly #options: SignalOptions;
  readonly #listeners = new Set<() => void>();
  #value: T | undefined;
  /** The value that listeners know. */
  #notified: T | undefined;
  #isStale = true;
  #isScheduled = false;

  constructor(compute: (previous: T | undefined) => T, options: SignalOptions = {}) {
    this.#compute = compute;
    this.#options = options;
  }

  readonly get = (): T => {
    if (this.#isStale) {
      this.#value = this.#compute(this.#value);
      this.#isStale = false;
    }
    return this.#value as T;
  };

  readonly subscribe = (listener: () => void): (() => void) => {
    // Each subscription is separate, even if one listener subscribes twice.
    const own = () => listener();
    if (this.#listeners.size === 0) this.#notified = this.get();
    this.#listeners.add(own);
    if (this.#listeners.size === 1) this.#options.watched?.();
    return () => {
      if (this.#listeners.delete(own) && this.#listeners.size === 0) this.#options.unwatched?.();
    };
  };

  get isWatched(): boolean {
    return this.#listeners.size > 0;
  }

  /** Discards the cached value. Listeners are called in the next microtask if the new one differs. */
  invalidate(): void {
    this.#isStale = true;
    if (this.#isScheduled || this.#listeners.size === 0) return;
    this.#isScheduled = true;
    void Promise.resolve().then(() => this.#notify());
  }

  #notify(): void {
    this.#isScheduled = false;
    const value = this.get();
    if (value === this.#notified) return;
    this.#notified = value;
    for (const listener of [...this.#listeners]) listener();
  }
}

/** Whether two flat objects have the same values. */
function sameFields<T extends object>(left: T, right: T): boolean {
  const keys = Object.keys(right) as (keyof T)[];
  return (
    keys.length === Object.keys(left).length &&
    keys.every((key) => Object.is(left[key], right[key]))
  );
}

/** `next`, or `previous` if both have the same elements in the same order. */
export function keepSameList<T>(previous: readonly T[], next: readonly T[]): readonly T[] {
  return previous.length === next.length && next.every((each, at) => each === previous[at])
    ? previous
    : next;
}

/** `next`, or `previous` if both have the same values: keeps the identity of snapshots stable. */
export function keepSame<T extends object>(previous: T | null | undefined, next: T): T {
  return previous && sameFields(previous, next) ? previous : next;
}
