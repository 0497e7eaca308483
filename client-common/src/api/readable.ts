/**
 * A value that changes over time. The two functions fit React's
 * `useSyncExternalStore(readable.subscribe, readable.get)` as they are: both are bound, and `get`
 * answers the same object until something in it changed.
 */
export interface Readable<T> {
  readonly get: () => T;
  /** Calls `listener` after each change, at most once a tick. Answers how to stop. */
  readonly subscribe: (listener: () => void) => () => void;
}
