import { isDuplicateKey } from '@parley/backend-common';
import type { Collection, Db, Document, Filter, UpdateFilter } from 'mongodb';

import {
  DELETING,
  PENDING,
  type AttachmentDocument,
  type AttachmentState,
} from './attachment-document.ts';
import { deletion } from './deletion.ts';

type Changes = UpdateFilter<AttachmentDocument> | Document[];

/** An attachment and the message for which it is reserved. */
export interface Reservation {
  readonly attachmentId: string;
  readonly conversationId: string;
  readonly ownerId: string;
  readonly clientId: string;
}

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
    return this.#change(attachmentId, { state: { $in: [...states] } }, [{ $set: deletion(at) }]);
  }

  /** Starts the deletion of a reserved attachment, unless its reservation changed after `seen` was read. */
  startDeletingReserved(seen: AttachmentDocument, at: number): Promise<AttachmentDocument | null> {
    const { clientId = '', reservedAt = 0 } = seen;
    return this.#change(seen._id, { state: 'reserved', clientId, reservedAt }, [
      { $set: deletion(at) },
    ]);
  }

  /** Starts the deletion of attachments in any state; index `_id_`. */
  async startDeletingAll(attachmentIds: readonly string[], at: number): Promise<void> {
    if (attachmentIds.length === 0) return;
    await this.#attachments.updateMany(
      { _id: { $in: [...attachmentIds] }, state: { $ne: DELETING } },
      [{ $set: deletion(at) }],
    );
  }

  /** Starts the deletion of a user's attachments that are in no message and reserved for none; index `owner`. */
  async startDeletingUnsentOf(ownerId: string, at: number): Promise<void> {
    await this.#attachments.updateMany({ ownerId, state: { $in: [...PENDING, 'ready'] } }, [
      { $set: deletion(at) },
    ]);
  }

  /** Starts the deletion of all attachments of a conversation; index `conversation`. */
  async startDeletingOfConversation(conversationId: string, at: number): Promise<void> {
    await this.#attachments.updateMany(
      { conversationId, state: { $ne: DELETING } },
      [{ $set: deletion(at) }],
      {
        hint: 'conversation',
      },
    );
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
