import { createHash, randomUUID } from 'node:crypto';
import { constants, createWriteStream } from 'node:fs';
import {
  copyFile,
  type FileHandle,
  link,
  mkdir,
  open,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { S3Refusal } from './s3rver.ts';

/** Bytes that have arrived whole but are no object yet. */
export interface Received {
  readonly path: string;
  readonly size: number;
  readonly md5: string;
}

const JOIN_BYTES = 1024 * 1024;

/** What a request is refused with whose condition does not hold. */
export function preconditionFailed(condition: string): Error {
  const message = 'At least one of the pre-conditions you specified did not hold';
  return new S3Refusal('PreconditionFailed', message, { Condition: condition });
}

/** A folder for what has not arrived yet, on the file system of the objects. */
export class Incoming {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Removes what was arriving when the process ended. */
  async clear(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
  }

  /** Writes bytes as they come. Refuses with `BadDigest` where a SHA-256 in base64 is given and is not theirs. */
  async receive(content: AsyncIterable<Uint8Array>, checksum?: string): Promise<Received> {
    const path = join(this.#folder, randomUUID());
    const md5 = createHash('md5');
    const sha256 = checksum === undefined ? undefined : createHash('sha256');
    let size = 0;
    const measure = async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        md5.update(chunk);
        sha256?.update(chunk);
        size += chunk.length;
        yield chunk;
      }
    };
    try {
      const file = createWriteStream(path, { mode: 0o600, flags: 'wx', flush: true });
      await pipeline(content, measure, file);
      if (checksum !== sha256?.digest('base64')) {
        throw new S3Refusal('BadDigest', 'The x-amz-checksum-sha256 you specified did not match');
      }
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
    return { path, size, md5: md5.digest('hex') };
  }

  /** Puts files together, through one buffer however large they are. */
  async join(sources: readonly string[]): Promise<string> {
    const path = join(this.#folder, randomUUID());
    const buffer = Buffer.allocUnsafe(JOIN_BYTES);
    const whole = await open(path, 'wx', 0o600);
    try {
      for (const source of sources) await append(whole, source, buffer);
      await whole.sync();
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    } finally {
      await whole.close();
    }
    return path;
  }

  /** Copies a file of the store to here. */
  async copy(source: string): Promise<string> {
    const path = join(this.#folder, randomUUID());
    await copyFile(source, path, constants.COPYFILE_FICLONE);
    return path;
  }

  /** Writes a small file, which appears under its name whole or not at all. Its folder must exist. */
  async write(path: string, content: string): Promise<void> {
    const whole = join(this.#folder, randomUUID());
    try {
      await writeFile(whole, content, { mode: 0o600, flag: 'wx' });
      await rename(whole, path);
    } catch (error) {
      await rm(whole, { force: true });
      throw error;
    }
  }

  /** Removes a folder with all that is in it, of which nothing remains under its name even if a kill interrupts it. */
  async discard(folder: string): Promise<void> {
    const discarded = join(this.#folder, randomUUID());
    await rename(folder, discarded);
    await rm(discarded, { recursive: true, force: true });
  }

  /** Makes what has arrived the content of an object, in one step; refuses where the object must be new and is not. */
  async publish(arrived: string, path: string, onlyNew: boolean): Promise<void> {
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      if (onlyNew) await link(arrived, path);
      else await rename(arrived, path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw code === 'EEXIST' ? preconditionFailed('If-None-Match') : error;
    } finally {
      await rm(arrived, { force: true });
    }
  }
}

async function append(whole: FileHandle, source: string, buffer: Buffer): Promise<void> {
  const file = await open(source);
  try {
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length);
      if (bytesRead === 0) return;
      await whole.writeFile(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}
