import { ObjectStoreError, type ObjectStore, type StoreRefusal } from '@parley/backend-common';

import type { AttachmentDocument } from './attachment-document.ts';
import { OPAQUE_TYPE } from './media-types.ts';
import { mismatch } from './refusals.ts';

interface Part {
  readonly partNumber: number;
  readonly etag: string;
}

/**
 * Makes an upload the object under the final key, which no upload URL can write. It has no metadata of its sender: its
 * type is given when it is served.
 */
export class UploadFinalizer {
  readonly #store: ObjectStore;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  /**
   * Returns whether the object exists under its final key now; `false`: the upload is not complete. Idempotent.
   * @throws AppError `upload_mismatch` when the upload can no longer succeed
   */
  async finalize(attachment: AttachmentDocument, parts: readonly Part[]): Promise<boolean> {
    const { incomingKey = '', key = '', uploadId } = attachment;
    if (uploadId === undefined) return this.#copy(attachment, incomingKey, key);
    const ordered = parts.toSorted((one, other) => one.partNumber - other.partNumber);
    const completed = await this.#unlessRefused(
      this.#store.completeMultipart({ key, uploadId, parts: ordered }),
      ['invalid_part', 'no_such_upload'],
    );
    if (completed !== 'no_such_upload') return completed === 'done';
    // An earlier attempt may have completed it: then the object exists.
    if ((await this.#store.head(key)) === null) throw mismatch('upload');
    return true;
  }

  async #copy({ size }: AttachmentDocument, from: string, to: string): Promise<boolean> {
    const uploaded = await this.#store.head(from);
    if (uploaded === null) return false;
    if (uploaded.size !== size) throw mismatch('size');
    const copied = await this.#unlessRefused(
      this.#store.copy({ from, to, ifMatch: uploaded.etag, contentType: OPAQUE_TYPE }),
      ['missing', 'changed'],
    );
    return copied === 'done';
  }

  async #unlessRefused<Refusal extends StoreRefusal>(
    call: Promise<void>,
    refusals: readonly Refusal[],
  ): Promise<'done' | Refusal> {
    try {
      await call;
      return 'done';
    } catch (error) {
      const refusal =
        error instanceof ObjectStoreError
          ? refusals.find((each) => each === error.refusal)
          : undefined;
      if (refusal === undefined) throw error;
      return refusal;
    }
  }
}
