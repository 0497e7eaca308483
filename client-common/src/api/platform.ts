/**
 * Where the client keeps what outlives the process: unsent messages, drafts, the cache.
 * Values are strings; a key that is not there answers `null`.
 */
export interface KeyValueStore {
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<void>;
  remove(key: string): Promise<void>;
  keys(): Promise<readonly string[]>;
}

/** A named lock among all clients that share a store (two tabs). */
export interface PlatformLock {
  /** Resolves when this client holds the lock. */
  readonly held: Promise<void>;
  /** Gives the lock back, or stops waiting for it. */
  release(): void;
}

/** What the client needs from where it runs. Every part has a default that works anywhere. */
export interface Platform {
  readonly storage: KeyValueStore;
  /** Milliseconds since the epoch by the device clock, which may be wrong by any amount. */
  readonly now: () => number;
  /** A number from 0 up to but not including 1. */
  readonly random: () => number;
  /** Calls `task` once after `ms` milliseconds. Answers how to cancel it. */
  readonly setTimeout: (task: () => void, ms: number) => () => void;
  /** Whether the device says that it has a network; absent where it cannot tell. */
  readonly isOnline?: () => boolean;
  /** Calls `listener` when the network comes (`true`) or goes (`false`). Answers how to stop. */
  readonly onOnlineChange?: (listener: (online: boolean) => void) => () => void;
  /** Whether the app is in the foreground; absent where it always is. */
  readonly isVisible?: () => boolean;
  /** Calls `listener` when the app comes to the foreground (`true`) or leaves it. Answers how to stop. */
  readonly onVisibilityChange?: (listener: (visible: boolean) => void) => () => void;
  /** Waits for a lock that ends with its holder; absent where one process owns the store. */
  readonly lock?: (name: string) => PlatformLock;
}
