/**
 * Where the client keeps what must survive a restart: unsent messages, drafts, the cache.
 * Values are strings; `get` resolves to `null` for a missing key.
 */
export interface KeyValueStore {
  /** Set it if `set` and `remove` have taken effect when they return: then messages are never `saving`. */
  readonly isSynchronous?: boolean;
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<void>;
  remove(key: string): Promise<void>;
  keys(): Promise<readonly string[]>;
  /**
   * Calls `listener` when another client of the same store (another tab) has written a value or removed it (`null`).
   * Returns the function that unsubscribes. Absent where one process owns the store.
   */
  onChange?(listener: (key: string, value: string | null) => void): () => void;
}

/** A named lock shared by all clients that use the same store (two tabs). */
export interface PlatformLock {
  /** Resolves when this client holds the lock. */
  readonly held: Promise<void>;
  /** Releases the lock, or stops waiting for it. */
  release(): void;
}

/** What the client needs from its environment. Every part has a default that works anywhere. */
export interface Platform {
  readonly storage: KeyValueStore;
  /** Milliseconds since the epoch by the device clock, which may be wrong by any amount. */
  readonly now: () => number;
  /** A number from 0 up to but not including 1. */
  readonly random: () => number;
  /** Calls `task` once after `ms` milliseconds. Returns the function that cancels it. */
  readonly setTimeout: (task: () => void, ms: number) => () => void;
  /** Whether the device reports a network; absent if it does not report that. */
  readonly isOnline?: () => boolean;
  /** Calls `listener` when the network comes (`true`) or goes (`false`). Returns the function that unsubscribes. */
  readonly onOnlineChange?: (listener: (online: boolean) => void) => () => void;
  /** Whether the app is in the foreground; absent where it always is. */
  readonly isVisible?: () => boolean;
  /** Calls `listener` when the app enters (`true`) or leaves the foreground. Returns the function that unsubscribes. */
  readonly onVisibilityChange?: (listener: (visible: boolean) => void) => () => void;
  /** Requests a lock that is released when its holder ends; absent where one process owns the store. */
  readonly lock?: (name: string) => PlatformLock;
}
