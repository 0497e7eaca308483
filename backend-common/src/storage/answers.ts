import { Readable } from 'node:stream';
import { AppError } from '@parley/common';

/** A checksum of parts' checksums ends in their number and says nothing about the whole. */
export function wholeChecksum(base64: string | undefined): string | undefined {
  if (base64 === undefined || base64.includes('-')) return undefined;
  return Buffer.from(base64, 'base64').toString('hex');
}

/** The body of an answer. */
export function toReadable(body: unknown): Readable {
  if (body instanceof Readable) return body;
  throw new AppError('unavailable', 'The store sent nothing to read');
}

/** Reads no more than asked for, also from a store that does not know ranges. */
export async function firstBytes(body: Readable, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= most) break;
  }
  return Buffer.concat(chunks).subarray(0, most);
}
