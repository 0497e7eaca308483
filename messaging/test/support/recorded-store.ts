import type { ObjectStore } from '@parley/backend-common';

import { put } from './attachment-node.ts';

/** A store that remembers every key and upload that was ever asked for, so that a test can see what is left. */
export interface RecordedStore {
  readonly store: ObjectStore;
  /** Keys of objects that exist now. */
  left(): Promise<string[]>;
  /**
   * Uploads in parts for which URLs were made, and that still take parts. One that was begun in the moment in which a
   * node died has neither URLs nor bytes; the store ends it by itself.
   */
  open(): Promise<MultipartUpload[]>;
}

interface MultipartUpload {
  readonly key: string;
  readonly uploadId: string;
}

/** Watches a store. Nothing of it changes. */
export function recordedStore(inner: ObjectStore): RecordedStore {
  const keys = new Set<string>();
  const uploads: MultipartUpload[] = [];
  const note = (given: unknown) => {
    if (typeof given === 'string') keys.add(given);
    if (typeof given !== 'object' || given === null) return;
    for (const [name, value] of Object.entries(given)) {
      if (['key', 'from', 'to'].includes(name) && typeof value === 'string') keys.add(value);
    }
  };
  return {
    store: intercepted(inner, (name, args, call) => {
      note(args[0]);
      if (name === 'presignPart') uploads.push(args[0] as MultipartUpload);
      return call();
    }),
    async left() {
      const found = await Promise.all(
        [...keys].map(async (key) => ((await inner.head(key)) === null ? [] : [key])),
      );
      return found.flat().sort();
    },
    async open() {
      const still = await Promise.all(uploads.map((upload) => takesParts(inner, upload)));
      return uploads.filter((_, index) => still[index]);
    },
  };
}

async function takesParts(store: ObjectStore, upload: MultipartUpload): Promise<boolean> {
  const grant = { ...upload, partNumber: 1, contentLength: 1, expiresInMs: 60_000 };
  return (await put(await store.presignPart(grant), Buffer.from('x'))).status === 200;
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
