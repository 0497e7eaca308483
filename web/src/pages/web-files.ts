import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { ConfigError } from '@parley/backend-common';

/** How the bytes of an answer may be compressed. */
export type Encoding = 'br' | 'gzip';

/** One file of a built folder. */
export interface WebFile {
  /** With the dot; empty if there is none. */
  readonly extension: string;
  /** Identifies exactly these bytes. */
  readonly etag: string;
  /** Whether the name changes with the content, so that browsers may keep it for ever. */
  readonly hashed: boolean;
  readonly bytes: Buffer;
  /** The compressed forms that the build made (`.br`, `.gz`). */
  readonly compressed: ReadonlyMap<Encoding, Buffer>;
}

/** A folder, and the environment variable that names it. */
export interface FileFolder {
  readonly root: string;
  readonly variable: string;
}

const LARGEST_TOTAL = 64 * 1024 * 1024;
const ENCODINGS: readonly (readonly [ending: string, encoding: Encoding])[] = [
  ['.br', 'br'],
  ['.gz', 'gzip'],
];
/** Names as the bundler makes them: `/assets/index-B4x0_9qZ.js`. */
const HASHED = /^\/assets\/.+-[A-Za-z0-9_-]{8}\.[a-z0-9]+$/;

/**
 * Reads a built folder into memory. Requests look paths up and never open files, so no path can leave the folder.
 * Links and hidden files are left out.
 * @returns the files by path, with a slash at the beginning
 * @throws ConfigError when there is no `index.html` or the folder is too large
 */
export async function loadWebFiles({
  root,
  variable,
}: FileFolder): Promise<ReadonlyMap<string, WebFile>> {
  const contents = new Map<string, Buffer>();
  let total = 0;
  for (const path of await listFiles({ root, variable })) {
    const content = await readFile(path);
    total += content.length;
    if (total > LARGEST_TOTAL) {
      throw new ConfigError(`${variable}: ${root} has more than ${LARGEST_TOTAL} bytes`);
    }
    contents.set(`/${relative(root, path).split(sep).join('/')}`, content);
  }
  if (!contents.has('/index.html')) {
    throw new ConfigError(`${variable}: there is no index.html in ${root}`);
  }
  const files = [...contents].filter(([name]) => !isCompressedForm(name, contents));
  return new Map(
    files.map(([name, bytes]) => [
      name,
      { ...describeFile(name, bytes), ...compressedOf(name, contents) },
    ]),
  );
}

async function listFiles({ root, variable }: FileFolder): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(
    (cause: unknown) => {
      throw new ConfigError(`${variable}: ${root} cannot be read`, { cause });
    },
  );
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => {
      const names = relative(root, path).split(sep);
      return !names.some((name) => name.startsWith('.'));
    });
}

function describeFile(name: string, bytes: Buffer): Omit<WebFile, 'compressed'> {
  const digest = createHash('sha256').update(bytes).digest('base64url');
  return {
    extension: extname(name),
    etag: `"${digest.slice(0, 27)}"`,
    hashed: HASHED.test(name),
    bytes,
  };
}

function isCompressedForm(name: string, contents: ReadonlyMap<string, Buffer>): boolean {
  return ENCODINGS.some(
    ([ending]) => name.endsWith(ending) && contents.has(name.slice(0, -ending.length)),
  );
}

function compressedOf(
  name: string,
  contents: ReadonlyMap<string, Buffer>,
): Pick<WebFile, 'compressed'> {
  const compressed = new Map<Encoding, Buffer>();
  for (const [ending, encoding] of ENCODINGS) {
    const bytes = contents.get(name + ending);
    if (bytes !== undefined) compressed.set(encoding, bytes);
  }
  return { compressed };
}
