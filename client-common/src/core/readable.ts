/**
 * A value that changes over time. The two functions fit React's
 * `useSyncExternalStore(readable.subscribe, readable.get)` as they are: both are bound, and `get`
 * returns the same object until something in it changes.
 */
export interface Readable<T> {
  readonly get: () => T;
  /** Calls `listener` after each change, at most once per microtask. Returns the function that unsubscribes. */
  readonly subscribe: (listener: () => void) => () => void;
}
