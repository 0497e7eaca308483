import { createHash } from 'node:crypto';
import type { ObjectStore } from '@parley/backend-common';
import { fileTypeFromBuffer } from 'file-type';

import type { AttachmentDocument } from './attachment-document.ts';
import { agrees } from './media-types.ts';
import type { Dimensions, Imaging } from './ports.ts';

/** What an object in the store turned out to be. */
export type Finding =
  | { readonly kind: 'absent' }
  | { readonly kind: 'other'; readonly why: 'size' | 'type' | 'checksum' }
  | { readonly kind: 'same'; readonly dimensions: Dimensions | null };

/** Bytes that say what a file is. */
const BEGINNING = 256 * 1024;

/** Compares objects with what was announced. Holds no more of one than its beginning, whatever its size. */
export class Inspection {
  readonly #store: ObjectStore;
  readonly #imaging: Imaging | undefined;

  constructor(deps: { readonly store: ObjectStore; readonly imaging: Imaging | undefined }) {
    this.#store = deps.store;
    this.#imaging = deps.imaging;
  }

  /** @param onProgress - called again and again while a long file is read */
  async inspect(
    announced: AttachmentDocument,
    key: string,
    onProgress: () => Promise<void>,
  ): Promise<Finding> {
    const found = await this.#store.head(key);
    if (found === null) return { kind: 'absent' };
    if (found.size !== announced.size) return { kind: 'other', why: 'size' };
    const beginning = await this.#store.read(key, { start: 0, end: BEGINNING });
    const looksLike = await fileTypeFromBuffer(beginning);
    if (!agrees(announced.contentType, looksLike?.mime)) return { kind: 'other', why: 'type' };
    const { sha256 } = announced;
    if (sha256 !== undefined && (await this.#hash(key, onProgress)) !== sha256) {
      return { kind: 'other', why: 'checksum' };
    }
    const isPicture = announced.kind === 'image' && this.#imaging !== undefined;
    const dimensions = isPicture ? await this.#imaging.dimensions(beginning) : null;
    return { kind: 'same', dimensions };
  }

  async #hash(key: string, onProgress: () => Promise<void>): Promise<string> {
    const hash = createHash('sha256');
    for await (const chunk of (await this.#store.stream(key)) as AsyncIterable<Uint8Array>) {
      hash.update(chunk);
      await onProgress();
    }
    return hash.digest('hex');
  }
}
