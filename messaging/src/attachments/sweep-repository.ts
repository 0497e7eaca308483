import { LeaseQueue, type Leased } from '@parley/backend-common';
import { MINUTE } from '@parley/common';
import type { Collection, Db } from 'mongodb';

import type { AttachmentDocument } from './attachment-document.ts';
import type { AttachmentLeaseOptions } from './lease-options.ts';

/** An attachment that is due and that other sweepers leave alone until its lease ends. */
export type DueAttachment = Leased<AttachmentDocument>;

/** Milliseconds after which an attachment whose sweeper died is due again. */
const LEASE = 2 * MINUTE;

/** The attachments at which the sweeper has to look, in `attachments`. The end of a lease proves it. */
export class SweepRepository {
  readonly #attachments: Collection<AttachmentDocument>;
  readonly #due: LeaseQueue<AttachmentDocument>;

  constructor(db: Db, { now, ...options }: AttachmentLeaseOptions) {
    this.#attachments = db.collection<AttachmentDocument>('attachments');
    this.#due = new LeaseQueue(this.#attachments, {
      name: 'attachment_sweep',
      fields: { due: 'dueAt', stored: 'milliseconds' },
      duration: LEASE,
      time: () => new Date(now()),
      ...options,
    });
  }

  /** Leases the attachment that has been due longest; `null`: none is due. Index `due`. */
  async claim(): Promise<DueAttachment | null> {
    const [due] = await this.#due.claim(1);
    return due ?? null;
  }

  /** Sets when it is due next, unless its state changed or its lease was lost. Index `_id_`. */
  async reschedule(due: DueAttachment, dueAt: number | undefined): Promise<void> {
    const { state } = due.document;
    await this.#due.finish(due, dueAt === undefined ? {} : { dueAt }, { state });
  }

  /** Records that its leftover objects were removed for good. Index `_id_`. */
  async forgetLeftovers({ id }: DueAttachment): Promise<void> {
    await this.#attachments.updateOne(
      { _id: id, state: { $in: ['ready', 'reserved', 'sent'] } },
      { $unset: { incomingKey: '', strayKeys: '' } },
    );
  }

  /** Removes the document of a deleted attachment. Returns whether the lease was still held. Index `_id_`. */
  remove(due: DueAttachment): Promise<boolean> {
    return this.#due.remove(due);
  }
}
