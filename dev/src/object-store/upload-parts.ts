import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { S3Refusal } from './s3rver.ts';

/** A part of an upload in progress, as the completion names it or the list contains it. */
export interface Part {
  readonly number: number;
  /** MD5 in hexadecimal. */
  readonly etag: string;
}

const SMALLEST_PART = 5 * 1024 * 1024;

/** Refuses a completion whose parts are not in order, not those that arrived, or too small. `folder` holds the parts. */
export async function checkParts(folder: string, parts: readonly Part[]): Promise<void> {
  for (const [index, { number, etag }] of parts.entries()) {
    const previous = parts[index - 1];
    if (previous !== undefined && previous.number >= number) {
      throw new S3Refusal('InvalidPartOrder', 'The parts are not in ascending order');
    }
    const stored = await readFile(join(folder, `${number}.md5`), 'utf8').catch(() => '');
    const size = await stat(join(folder, String(number))).then(
      (found) => found.size,
      () => -1,
    );
    if (size < 0 || stored !== etag.replaceAll('"', '')) {
      throw new S3Refusal('InvalidPart', 'A part was not found or has another entity tag');
    }
    if (size < SMALLEST_PART && index < parts.length - 1) {
      throw new S3Refusal('EntityTooSmall', 'A part is smaller than the minimum allowed size');
    }
  }
}

/** As S3 names an object that came in parts. */
export function etagOf(parts: readonly Part[]): string {
  const md5 = createHash('md5');
  for (const { etag } of parts) md5.update(Buffer.from(etag, 'hex'));
  return `${md5.digest('hex')}-${parts.length}`;
}
