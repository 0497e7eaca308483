import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { ConfigError } from '@parley/backend-common';

/** How an answer may be packed. */
export type Encoding = 'br' | 'gzip' | 'identity';

/** One file of the built web app. */
export interface WebFile {
  /** With the dot; empty where there is none. */
  readonly extension: string;
  /** A name for exactly these bytes. */
  readonly etag: string;
  /** Whether the name changes with the content, so that it may be kept for ever. */
  readonly hashed: boolean;
  readonly compressible: boolean;
  bytes(encoding: Encoding): Promise<Buffer>;
}

const LARGEST_TOTAL = 64 * 1024 * 1024;
const SMALLEST_PACKED = 1_024;
const TEXTS = new Set([
  '.css',
  '.html',
  '.js',
  '.json',
  '.map',
  '.mjs',
  '.svg',
  '.txt',
  '.wasm',
  '.webmanifest',
  '.xml',
]);
/** As the bundler names them: `/assets/index-B4x0_9qZ.js`. */
const HASHED = /^\/assets\/.+-[A-Za-z0-9_-]{8}\.[a-z0-9]+$/;
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };

/**
 * Reads the built web app into memory. Paths are then looked up, never opened: whatever a client asks for, the file
 * system is not asked. Packed forms are made once, when they are first wanted.
 * @returns the files by path, with a slash at the beginning
 * @throws ConfigError when there is no `index.html` or there is too much
 */
export async function loadWebFiles(root: string): Promise<ReadonlyMap<string, WebFile>> {
  const files = new Map<string, WebFile>();
  let total = 0;
  for (const path of await listFiles(root)) {
    const content = await readFile(path);
    total += content.length;
    if (total > LARGEST_TOTAL) throw new ConfigError(`PARLEY_WEB_ROOT: ${root} is no web app`);
    const name = `/${relative(root, path).split(sep).join('/')}`;
    files.set(name, toWebFile(name, content));
  }
  if (!files.has('/index.html')) {
    throw new ConfigError(`PARLEY_WEB_ROOT: there is no index.html in ${root}`);
  }
  return files;
}

async function listFiles(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(
    (cause: unknown) => {
      throw new ConfigError(`PARLEY_WEB_ROOT: ${root} cannot be read`, { cause });
    },
  );
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(
      (path) =>
        !relative(root, path)
          .split(sep)
          .some((part) => part.startsWith('.')),
    );
}

/** A file that is served under a name, which says by its ending what it is. */
export function toWebFile(name: string, content: Buffer): WebFile {
  const extension = extname(name);
  const packed = new Map<Encoding, Promise<Buffer>>([['identity', Promise.resolve(content)]]);
  return {
    extension,
    etag: `"${createHash('sha256').update(content).digest('base64url').slice(0, 27)}"`,
    hashed: HASHED.test(name),
    compressible: TEXTS.has(extension) && content.length >= SMALLEST_PACKED,
    bytes(encoding) {
      const made = packed.get(encoding) ?? pack(content, encoding);
      packed.set(encoding, made);
      return made;
    },
  };
}

function pack(content: Buffer, encoding: Encoding): Promise<Buffer> {
  return encoding === 'br'
    ? promisify(brotliCompress)(content, BROTLI)
    : promisify(gzip)(content, { level: 9 });
}
