import type { UploadFile } from './types.ts';

/** Keeps files over a restart until they are sent. */
export interface FileStore {
  /** Rejects if there is no room. */
  readonly put: (key: string, file: UploadFile) => Promise<void>;
  readonly get: (key: string) => Promise<UploadFile | null>;
  readonly remove: (key: string) => Promise<void>;
  readonly keys: () => Promise<readonly string[]>;
}

/** A store that ends with the process. */
export function memoryFiles(): FileStore {
  const files = new Map<string, UploadFile>();
  return {
    put: (key, file) => Promise.resolve(void files.set(key, file)),
    get: (key) => Promise.resolve(files.get(key) ?? null),
    remove: (key) => Promise.resolve(void files.delete(key)),
    keys: () => Promise.resolve([...files.keys()]),
  };
}
