import type { ObjectStore } from '@parley/backend-common';

/** A store that remembers every key and upload that was ever asked for, so that a test can see what is left. */
export interface RecordedStore {
  readonly store: ObjectStore;
  /** Keys of objects that exist now. */
  left(): Promise<string[]>;
}

/** Watches a store. Nothing of it changes. */
export function recordedStore(inner: ObjectStore): RecordedStore {
  const keys = new Set<string>();
  const note = (given: unknown) => {
    if (typeof given === 'string') keys.add(given);
    if (typeof given !== 'object' || given === null) return;
    for (const [name, value] of Object.entries(given)) {
      if (['key', 'from', 'to'].includes(name) && typeof value === 'string') keys.add(value);
    }
  };
  return {
    store: intercepted(inner, (_, args, call) => {
      note(args[0]);
      return call();
    }),
    async left() {
      const found = await Promise.all(
        [...keys].map(async (key) => ((await inner.head(key)) === null ? [] : [key])),
      );
      return found.flat().sort();
    },
  };
}

/** An object whose methods go through `around`. */
export function intercepted<Target extends object>(
  target: Target,
  around: (name: string, args: readonly unknown[], call: () => unknown) => unknown,
): Target {
  return new Proxy(target, {
    get(_, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) =>
        around(String(name), args, () => Reflect.apply(value, target, args) as unknown);
    },
  });
}
