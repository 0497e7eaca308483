import { createHash } from 'node:crypto';
import type { ObjectStore } from '@parley/backend-common';

import type { AttachmentDocument } from './attachment-document.ts';
import type { Dimensions, Imaging } from './ports.ts';
import { recognise } from './recognition/recognise.ts';

/** How an object compares with what was announced. */
export type InspectionResult =
  | { readonly kind: 'missing' }
  | { readonly kind: 'mismatch'; readonly why: 'size' | 'checksum' }
  | {
      readonly kind: 'match';
      /** Recognised from the first bytes. */
      readonly contentType: string;
      readonly dimensions: Dimensions | null;
    };

/** Bytes from the start of a file that are read to recognise its type. */
const FIRST_BYTES = 256 * 1024;

/**
 * Compares objects with what was announced, and recognises their types: senders name them after the file's ending, so an
 * announced type that differs is no fault. Holds only the first bytes of an object in memory,
 * whatever its size.
 */
export class UploadInspector {
  readonly #store: ObjectStore;
  readonly #imaging: Imaging | undefined;

  constructor(deps: { readonly store: ObjectStore; readonly imaging: Imaging | undefined }) {
    this.#store = deps.store;
    this.#imaging = deps.imaging;
  }

  /** @param onProgress - called after each chunk while the checksum is computed; what it throws ends the inspection */
  async inspect(
    announced: AttachmentDocument,
    key: string,
    onProgress: () => void,
  ): Promise<InspectionResult> {
    const found = await this.#store.head(key);
    if (found === null) return { kind: 'missing' };
    if (found.size !== announced.size) return { kind: 'mismatch', why: 'size' };
    const firstBytes = await this.#store.read(key, { start: 0, end: FIRST_BYTES });
    const { sha256 } = announced;
    if (sha256 !== undefined && (await this.#hash(key, onProgress)) !== sha256) {
      return { kind: 'mismatch', why: 'checksum' };
    }
    const isWhole = firstBytes.length === found.size;
    const contentType = await recognise(firstBytes, { ...announced, isWhole });
    const isImage = contentType.startsWith('image/');
    const dimensions = isImage ? ((await this.#imaging?.dimensions(firstBytes)) ?? null) : null;
    return { kind: 'match', contentType, dimensions };
  }

  async #hash(key: string, onProgress: () => void): Promise<string> {
    const hash = createHash('sha256');
    for await (const chunk of (await this.#store.stream(key)) as AsyncIterable<Uint8Array>) {
      hash.update(chunk);
      onProgress();
    }
    return hash.digest('hex');
  }
}
