import { type KeyValueStore, memoryStore } from '../../src/index.ts';
import type { VirtualTime } from './virtual-time.ts';

/** A store like that of a phone: each call takes `ms` milliseconds, and a write has no effect before. */
export function slowStore(time: VirtualTime, ms: number) {
  const kept = memoryStore();
  const after = <T>(task: () => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      time.setTimeout(() => void task().then(resolve, reject), ms);
    });
  const storage: KeyValueStore = {
    get: (key) => after(() => kept.get(key)),
    set: (key, value) => after(() => kept.set(key, value)),
    remove: (key) => after(() => kept.remove(key)),
    keys: () => after(() => kept.keys()),
  };
  return { storage, kept };
}
