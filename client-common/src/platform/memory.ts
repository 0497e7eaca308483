import type { KeyValueStore, Platform } from '../core/platform.ts';

/** Timers as every JavaScript runtime has them. */
interface TimerScope {
  setTimeout(task: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

const scope = globalThis as unknown as TimerScope;

/** A store that ends with the process. */
export function memoryStore(): KeyValueStore {
  const values = new Map<string, string>();
  return {
    isSynchronous: true,
    get: (key) => Promise.resolve(values.get(key) ?? null),
    set: (key, value) => {
      values.set(key, value);
      return Promise.resolve();
    },
    remove: (key) => {
      values.delete(key);
      return Promise.resolve();
    },
    keys: () => Promise.resolve([...values.keys()]),
  };
}

/** The platform that needs nothing: keeps everything in memory, knows no network or visibility signals. */
export function memoryPlatform(): Platform {
  return {
    storage: memoryStore(),
    now: Date.now,
    random: Math.random,
    setTimeout: (task, ms) => {
      const timer = scope.setTimeout(task, ms);
      return () => scope.clearTimeout(timer);
    },
  };
}
