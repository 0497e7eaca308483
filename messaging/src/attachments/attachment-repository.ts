import { isDuplicateKey } from '@parley/backend-common';
import type { Collection, Db, Filter, UpdateFilter } from 'mongodb';

import { DELETING, type AttachmentDocument, type AttachmentState } from './attachment-document.ts';

type Changes = UpdateFilter<AttachmentDocument>;

/** What a check records of an upload that passed it. */
export type CheckedFields = Pick<
  AttachmentDocument,
  'width' | 'height' | 'thumbnail' | 'readyAt' | 'dueAt'
> & { readonly thumbnailKey?: string };

/** An attachment and the message for which it is reserved. */
export interface Reservation {
  readonly attachmentId: string;
  readonly conversationId: string;
  readonly ownerId: string;
  readonly clientId: string;
}

/** A deleted attachment keeps nothing that describes its content. */
const CLEARED = { name: '', width: null, height: null, durationMs: null } as const;
const REMOVED = { slot: '', sha256: '', clientId: '', lease: '' } as const;

/** Reads and writes `attachments`. Each change of state names the state that it starts from. */
export class AttachmentRepository {
  readonly #attachments: Collection<AttachmentDocument>;

  constructor(db: Db) {
    this.#attachments = db.collection<AttachmentDocument>('attachments');
  }

  /** Index `_id_`. */
  find(attachmentId: string): Promise<AttachmentDocument | null> {
    return this.#attachments.findOne({ _id: attachmentId });
  }

  /** The slots of a user's unfinished uploads; index `slot`. */
  async usedSlots(ownerId: string): Promise<number[]> {
    const found = await this.#attachments
      .find({ ownerId, slot: { $exists: true } }, { projection: { _id: 0, slot: 1 } })
      .hint('slot')
      .toArray();
    return found.flatMap(({ slot }) => slot ?? []);
  }

  /** Inserts an attachment; `false`: a concurrent call took its slot. Unique index `slot`. */
  async insert(document: AttachmentDocument): Promise<boolean> {
    try {
      await this.#attachments.insertOne(document);
      return true;
    } catch (error) {
      if (isDuplicateKey(error, 'slot')) return false;
      throw error;
    }
  }

  /** Records that its multipart upload was started. */
  startUploading(attachmentId: string, uploadId: string): Promise<AttachmentDocument | null> {
    return this.#change(
      attachmentId,
      { state: 'creating' },
      { $set: { state: 'uploading', uploadId } },
    );
  }

  /** Records that upload URLs are issued which expire at `until`. */
  extendUrls(attachmentId: string, until: number): Promise<AttachmentDocument | null> {
    return this.#change(attachmentId, { state: 'uploading' }, { $max: { urlsEndAt: until } });
  }

  /**
   * Takes the lease for a check, unless another node did after `seen` was read. A single upload is copied to a key of
   * this check alone, because an abandoned check may still be copying.
   */
  startCheck(
    seen: AttachmentDocument,
    lease: { readonly token: string; readonly endsAt: number },
    key: string,
  ): Promise<AttachmentDocument | null> {
    const { state } = seen;
    const strayKeys = [...(seen.strayKeys ?? []), ...(seen.key === undefined ? [] : [seen.key])];
    const copied = seen.uploadId === undefined ? { key, strayKeys } : {};
    const token = seen.lease?.token ?? { $exists: false };
    return this.#change(
      seen._id,
      { state, 'lease.token': token },
      { $set: { state: 'verifying', lease, ...copied } },
    );
  }

  /** Extends the lease; `null`: it was lost. */
  renewLease(attachmentId: string, token: string, endsAt: number) {
    return this.#change(attachmentId, underLease(token), { $set: { 'lease.endsAt': endsAt } });
  }

  /** Ends a check without a result; the upload can be completed again. */
  abandonCheck(attachmentId: string, token: string): Promise<AttachmentDocument | null> {
    return this.#change(attachmentId, underLease(token), {
      $set: { state: 'uploading' },
      $unset: { lease: '' },
    });
  }

  /** The check found a mismatch: the attachment is deleted. */
  failCheck(attachmentId: string, token: string, at: number): Promise<AttachmentDocument | null> {
    return this.#change(attachmentId, underLease(token), deletion(at));
  }

  /** The check passed: the attachment is ready. */
  passCheck(attachmentId: string, token: string, checked: CheckedFields) {
    return this.#change(attachmentId, underLease(token), {
      $set: { state: 'ready', ...checked },
      $unset: { lease: '', slot: '' },
    });
  }

  /** Reserves it for a message; `null`: it is not ready, of another owner, or of another conversation. */
  reserve(wanted: Reservation, at: number): Promise<AttachmentDocument | null> {
    const { attachmentId, clientId, conversationId, ownerId } = wanted;
    return this.#change(
      attachmentId,
      { state: 'ready', conversationId, ownerId },
      { $set: { state: 'reserved', clientId, reservedAt: at } },
    );
  }

  /** Extends the reservation of the same message. */
  extendReservation(wanted: Reservation, at: number): Promise<AttachmentDocument | null> {
    const { attachmentId, clientId, conversationId, ownerId } = wanted;
    return this.#change(
      attachmentId,
      { state: 'reserved', conversationId, ownerId, clientId },
      { $set: { reservedAt: at } },
    );
  }

  /** Ends a reservation: the attachment can be sent with another message. */
  release(attachmentId: string, clientId: string): Promise<AttachmentDocument | null> {
    return this.#change(
      attachmentId,
      { state: 'reserved', clientId },
      { $set: { state: 'ready' }, $unset: { clientId: '', reservedAt: '' } },
    );
  }

  /** Records that its message is in the log, unless its thumbnail changed after `seen` was read. */
  markSent(seen: AttachmentDocument, messageId: string): Promise<AttachmentDocument | null> {
    const { clientId = '', thumbnail } = seen;
    return this.#change(
      seen._id,
      { state: 'reserved', clientId, thumbnail },
      { $set: { state: 'sent', messageId } },
    );
  }

  /** Records the result of its thumbnail, unless its state changed after it was read. */
  recordThumbnail(
    { _id, state }: AttachmentDocument,
    thumbnail: 'made' | 'failed',
  ): Promise<AttachmentDocument | null> {
    return this.#change(_id, { state, thumbnail: 'due' }, { $set: { thumbnail } });
  }

  /** Starts the deletion if it is in one of `states`; `at` in milliseconds. */
  startDeleting(
    attachmentId: string,
    states: readonly AttachmentState[],
    at: number,
  ): Promise<AttachmentDocument | null> {
    return this.#change(attachmentId, { state: { $in: [...states] } }, deletion(at));
  }

  /** Starts the deletion of a reserved attachment, unless its reservation changed after `seen` was read. */
  startDeletingReserved(seen: AttachmentDocument, at: number): Promise<AttachmentDocument | null> {
    const { clientId = '', reservedAt = 0 } = seen;
    return this.#change(seen._id, { state: 'reserved', clientId, reservedAt }, deletion(at));
  }

  /** Starts the deletion of attachments in any state; index `_id_`. */
  async startDeletingAll(attachmentIds: readonly string[], at: number): Promise<void> {
    if (attachmentIds.length === 0) return;
    await this.#attachments.updateMany(
      { _id: { $in: [...attachmentIds] }, state: { $ne: DELETING } },
      deletion(at),
    );
  }

  /** Starts the deletion of all attachments of a conversation; index `conversation`. */
  async startDeletingOfConversation(conversationId: string, at: number): Promise<void> {
    await this.#attachments.updateMany({ conversationId, state: { $ne: DELETING } }, deletion(at), {
      hint: 'conversation',
    });
  }

  /** Claims the attachment that has been due longest, until `until`; index `due`. */
  claimDue(now: number, until: number): Promise<AttachmentDocument | null> {
    return this.#attachments.findOneAndUpdate(
      { dueAt: { $lte: now } },
      { $set: { dueAt: until } },
      { sort: { dueAt: 1 }, hint: { dueAt: 1 }, returnDocument: 'after' },
    );
  }

  /** Sets when it is due next, unless it changed after it was claimed; index `_id_`. */
  async reschedule(claimed: AttachmentDocument, dueAt: number | undefined): Promise<void> {
    const unchanged = { _id: claimed._id, state: claimed.state, dueAt: claimed.dueAt ?? 0 };
    await this.#attachments.updateOne(
      unchanged,
      dueAt === undefined ? { $unset: { dueAt: '' } } : { $set: { dueAt } },
    );
  }

  /** Records that its leftover objects were removed for good; index `_id_`. */
  async forgetLeftovers(attachmentId: string): Promise<void> {
    await this.#attachments.updateOne(
      { _id: attachmentId, state: { $in: ['ready', 'reserved', 'sent'] } },
      { $unset: { incomingKey: '', strayKeys: '' } },
    );
  }

  /** Removes the document of a deleted attachment; index `_id_`. */
  async remove(attachmentId: string): Promise<void> {
    await this.#attachments.deleteOne({ _id: attachmentId, state: DELETING });
  }

  /** Changes it if it matches `where`; index `_id_`. */
  #change(
    attachmentId: string,
    where: Filter<AttachmentDocument>,
    changes: Changes,
  ): Promise<AttachmentDocument | null> {
    return this.#attachments.findOneAndUpdate({ ...where, _id: attachmentId }, changes, {
      returnDocument: 'after',
    });
  }
}

function underLease(token: string): Filter<AttachmentDocument> {
  return { state: 'verifying', 'lease.token': token };
}

function deletion(at: number): Changes {
  return {
    $set: { state: DELETING, doomedAt: at, dueAt: at, ...CLEARED },
    $unset: REMOVED,
  };
}
