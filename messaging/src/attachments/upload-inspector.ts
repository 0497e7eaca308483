import { createHash } from 'node:crypto';
import type { ObjectStore } from '@parley/backend-common';
import { fileTypeFromBuffer } from 'file-type';

import type { AttachmentDocument } from './attachment-document.ts';
import { agrees } from './media-types.ts';
import type { Dimensions, Imaging } from './ports.ts';

/** How an object compares with what was announced. */
export type InspectionResult =
  | { readonly kind: 'missing' }
  | { readonly kind: 'mismatch'; readonly why: 'size' | 'type' | 'checksum' }
  | { readonly kind: 'match'; readonly dimensions: Dimensions | null };

/** Bytes from the start of a file that are read to recognise its type. */
const FIRST_BYTES = 256 * 1024;

/** Compares objects with what was announced. Holds only the first bytes of an object in memory, whatever its size. */
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
    const recognised = await fileTypeFromBuffer(firstBytes);
    if (!agrees(announced.contentType, recognised?.mime)) return { kind: 'mismatch', why: 'type' };
    const { sha256 } = announced;
    if (sha256 !== undefined && (await this.#hash(key, onProgress)) !== sha256) {
      return { kind: 'mismatch', why: 'checksum' };
    }
    const isImage = announced.kind === 'image' && this.#imaging !== undefined;
    const dimensions = isImage ? await this.#imaging.dimensions(firstBytes) : null;
    return { kind: 'match', dimensions };
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
