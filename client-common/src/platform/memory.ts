import type { KeyValueStore, Platform } from '../core/platform.ts';

/** Timers as every JavaScript runtime has them, and secure random numbers, which React Native has from a polyfill only. */
interface Scope {
  setTimeout(task: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
  readonly crypto?: { getRandomValues(into: Uint32Array<ArrayBuffer>): unknown };
}

const scope = globalThis as unknown as Scope;

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
    random: secureRandom,
    setTimeout: (task, ms) => {
      const timer = scope.setTimeout(task, ms);
      return () => scope.clearTimeout(timer);
    },
  };
}

/** A number from 0 up to but not including 1; not secure where there is no `crypto`. */
function secureRandom(): number {
  if (scope.crypto === undefined) return Math.random();
  const numbers = new Uint32Array(1);
  scope.crypto.getRandomValues(numbers);
  return (numbers[0] ?? 0) / 2 ** 32;
}
