import { Readable } from 'node:stream';
import { AppError } from '@parley/common';

/** A checksum in hexadecimal; undefined for that of a multipart upload, which does not cover the content itself. */
export function wholeChecksum(base64: string | undefined): string | undefined {
  if (base64 === undefined || base64.includes('-')) return undefined;
  return Buffer.from(base64, 'base64').toString('hex');
}

/** The body of a response. @throws AppError `unavailable` if there is none */
export function toReadable(body: unknown): Readable {
  if (body instanceof Readable) return body;
  throw new AppError('unavailable', 'The object store sent no content');
}

/** Reads at most `limit` bytes, also from a store that ignores range requests. */
export async function firstBytes(body: Readable, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= limit) break;
  }
  return Buffer.concat(chunks).subarray(0, limit);
}
