import { ObjectStoreError, type ObjectStore, type StoreRefusal } from '@parley/backend-common';

import type { AttachmentDocument } from './attachment-document.ts';
import { mismatch } from './refusals.ts';

interface Part {
  readonly partNumber: number;
  readonly etag: string;
}

/** Brings what was uploaded to the final key, where no upload URL reaches it any more. */
export class Arrival {
  readonly #store: ObjectStore;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  /**
   * Whether it stands there now. May be repeated.
   * @throws AppError `upload_mismatch` for what cannot become right any more
   */
  async settle(attachment: AttachmentDocument, parts: readonly Part[]): Promise<boolean> {
    const { incomingKey = '', key = '', uploadId } = attachment;
    if (uploadId === undefined) return this.#copy(attachment, incomingKey, key);
    const ordered = parts.toSorted((one, other) => one.partNumber - other.partNumber);
    const completed = await this.#unlessRefused(
      this.#store.completeMultipart({ key, uploadId, parts: ordered }),
      ['invalid_part', 'no_such_upload'],
    );
    if (completed !== 'no_such_upload') return completed === 'done';
    // It may have been completed before: then the object is there.
    if ((await this.#store.head(key)) === null) throw mismatch('upload');
    return true;
  }

  async #copy({ size }: AttachmentDocument, from: string, to: string): Promise<boolean> {
    const arrived = await this.#store.head(from);
    if (arrived === null) return false;
    if (arrived.size !== size) throw mismatch('size');
    const copied = await this.#unlessRefused(
      this.#store.copy({ from, to, ifMatch: arrived.etag }),
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
