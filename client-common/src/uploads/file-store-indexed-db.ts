import type { FileStore } from './file-store.ts';
import type { UploadFile } from './types.ts';

/** The used part of IndexedDB, so that the client compiles without the types of browsers. */
interface Request<T> {
  readonly result: T;
  readonly error: unknown;
  onsuccess: (() => void) | null;
  onerror: (() => void) | null;
}

interface ObjectStore {
  put(value: unknown, key: string): Request<unknown>;
  get(key: string): Request<unknown>;
  delete(key: string): Request<unknown>;
  getAllKeys(): Request<unknown>;
}

interface Database {
  createObjectStore(name: string): unknown;
  transaction(
    name: string,
    mode: 'readonly' | 'readwrite',
  ): { objectStore(name: string): ObjectStore };
}

interface Scope {
  readonly indexedDB?: {
    open(
      name: string,
      version: number,
    ): Request<Database> & { onupgradeneeded: (() => void) | null };
  };
}

const NAME = 'parley-uploads';
const STORE = 'files';

/**
 * Keeps files in IndexedDB, which copies their bytes: a file chosen before a reload is available after
 * it, even if the original is gone. Rejects where the browser has no room or stores nothing.
 */
export function indexedDbFiles(): FileStore {
  let opened: Promise<Database> | null = null;
  const run = async <T>(
    mode: 'readonly' | 'readwrite',
    task: (store: ObjectStore) => Request<unknown>,
  ): Promise<T> => {
    opened ??= open();
    const database = await opened;
    return (await settled(task(database.transaction(STORE, mode).objectStore(STORE)))) as T;
  };
  return {
    put: (key, file) => run<undefined>('readwrite', (store) => store.put(file, key)),
    get: async (key) => (await run<UploadFile | undefined>('readonly', (s) => s.get(key))) ?? null,
    remove: (key) => run<undefined>('readwrite', (store) => store.delete(key)),
    keys: () => run<readonly string[]>('readonly', (store) => store.getAllKeys()),
  };
}

async function open(): Promise<Database> {
  const { indexedDB } = globalThis as unknown as Scope;
  if (indexedDB === undefined) throw new Error('There is no IndexedDB');
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return settled(request);
}

function settled<T>(request: Request<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(new Error('IndexedDB failed', { cause: request.error }));
  });
}
