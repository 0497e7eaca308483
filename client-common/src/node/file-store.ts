import type { KeyValueStore } from '../core/platform.ts';

/** The part of `node:fs` that is used, so that this package compiles without the types of Node. */
export interface FileSystem {
  mkdirSync(path: string, options: { readonly recursive: true; readonly mode: number }): unknown;
  readFileSync(path: string, encoding: 'utf8'): string;
  writeFileSync(
    path: string,
    text: string,
    options: { readonly mode: number; readonly flush: boolean },
  ): void;
  renameSync(from: string, to: string): void;
  rmSync(path: string, options: { readonly force: true }): void;
  readdirSync(path: string): readonly string[];
}

export interface FileStoreOptions {
  /** The module `node:fs`. */
  readonly fs: FileSystem;
  /** A folder for this store alone, created if it is missing. One process at a time may use it. */
  readonly folder: string;
}

const ENDING = '.value';

/**
 * A store in a folder, one file a value, readable by this user alone. A value is on the disk when `set` returns, whole or
 * not at all, also after a power failure. Throws what `fs` throws if the folder cannot be created.
 */
export function fileStore({ folder, fs }: FileStoreOptions): KeyValueStore {
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const pathOf = (key: string) => `${folder}/${nameOf(key)}`;
  return {
    isSynchronous: true,
    get: (key) => attempt(() => read(fs, pathOf(key))),
    set: (key, value) =>
      attempt(() => {
        const path = pathOf(key);
        const draft = `${path}.new`;
        fs.writeFileSync(draft, value, { mode: 0o600, flush: true });
        fs.renameSync(draft, path);
      }),
    remove: (key) => attempt(() => fs.rmSync(pathOf(key), { force: true })),
    keys: () =>
      attempt(() =>
        fs
          .readdirSync(folder)
          .filter((name) => name.endsWith(ENDING))
          .map(keyOf),
      ),
  };
}

function read(fs: FileSystem, path: string): string | null {
  try {
    return fs.readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === 'ENOENT') return null;
    throw error;
  }
}

/** A file name that every file system keeps apart from those of other keys, also where case does not count. */
function nameOf(key: string): string {
  const plain = key.replace(/[^a-z0-9_-]/g, (unit) => `%${hexOf(unit)}`);
  return plain + ENDING;
}

function hexOf(unit: string): string {
  return unit.charCodeAt(0).toString(16).padStart(4, '0');
}

function keyOf(name: string): string {
  return name
    .slice(0, -ENDING.length)
    .replace(/%([0-9a-f]{4})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** Runs the task at once. An error that it throws rejects the promise. */
function attempt<T>(task: () => T): Promise<T> {
  return new Promise((resolve) => resolve(task()));
}
