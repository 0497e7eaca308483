import { LeaseQueue, type Leased } from '@parley/backend-common';
import { SECOND } from '@parley/common';
import type { Collection, Db } from 'mongodb';

import type { AttachmentDocument } from './attachment-document.ts';
import { deletion } from './deletion.ts';
import type { AttachmentLeaseOptions } from './lease-options.ts';

/** An upload that is leased for its check. */
export type UploadCheck = Leased<AttachmentDocument>;

/** What a check records of an upload that passed it. */
export type CheckedFields = Pick<
  AttachmentDocument,
  'contentType' | 'kind' | 'width' | 'height' | 'thumbnail' | 'readyAt' | 'dueAt'
> & { readonly thumbnailKey?: string };

/**
 * Milliseconds for which the lease of a check holds; it is renewed while the check runs. If the node crashes, its user
 * waits this long until another node may check the upload.
 */
const LEASE = 15 * SECOND;

/** The stray keys with the key of the check before, if there was one. */
const WITH_KEY_BEFORE = {
  $concatArrays: [
    { $ifNull: ['$strayKeys', []] },
    { $cond: [{ $eq: [{ $type: '$key' }, 'missing'] }, [], ['$key']] },
  ],
};

/** The leases under which uploads are checked, in `attachments`. A check whose lease was lost changes nothing. */
export class UploadCheckRepository {
  readonly #checks: LeaseQueue<AttachmentDocument>;

  constructor(db: Db, { now, ...options }: AttachmentLeaseOptions) {
    const attachments: Collection<AttachmentDocument> = db.collection('attachments');
    this.#checks = new LeaseQueue(attachments, {
      name: 'upload_checks',
      fields: { due: 'lease.endsAt', token: 'lease.token', stored: 'milliseconds' },
      duration: LEASE,
      time: () => new Date(now()),
      ...options,
    });
  }

  /**
   * Leases an upload for a check; `null`: another check is in progress, or its state changed after `seen` was read. A
   * single upload is copied to `key`, which is of this check alone, because an abandoned check may still be copying.
   * Index `_id_`.
   */
  start({ _id, state, uploadId }: AttachmentDocument, key: string): Promise<UploadCheck | null> {
    const copied =
      uploadId === undefined ? { key: { $literal: key }, strayKeys: WITH_KEY_BEFORE } : {};
    const changes = { state: 'verifying', ...copied };
    return this.#checks.take(_id, { where: { state }, changes });
  }

  /** Runs a check and renews its lease meanwhile. The signal aborts when the lease was lost. Index `_id_`. */
  hold<Result>(
    check: UploadCheck,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    return this.#checks.hold(check, work);
  }

  /** Ends a check without a result; the upload can be completed again. Index `_id_`. */
  async abandon(check: UploadCheck): Promise<void> {
    await this.#checks.finish(check, { state: 'uploading' });
  }

  /** Ends a check that found a mismatch: the attachment is deleted. Index `_id_`. */
  async fail(check: UploadCheck, at: number): Promise<void> {
    await this.#checks.finish(check, deletion(at));
  }

  /** Ends a check that passed: the attachment is ready. `null`: the lease was lost. Index `_id_`. */
  async pass(check: UploadCheck, checked: CheckedFields): Promise<AttachmentDocument | null> {
    const changes = { state: 'ready', ...checked, slot: '$$REMOVE' };
    if (!(await this.#checks.finish(check, changes))) return null;
    return { ...check.document, ...checked, state: 'ready' };
  }
}
