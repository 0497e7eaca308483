import { isDuplicateKey } from '@parley/backend-common';
import type { Collection, Db, Filter, UpdateFilter } from 'mongodb';

import type { AttachmentDocument, AttachmentState } from './attachment-document.ts';

type Changes = UpdateFilter<AttachmentDocument>;

/** What a check found out about a file. */
export type Checked = Pick<
  AttachmentDocument,
  'width' | 'height' | 'thumbnail' | 'readyAt' | 'dueAt'
> & { readonly thumbnailKey?: string };

/** For whom an attachment is held. */
export interface Reservation {
  readonly attachmentId: string;
  readonly conversationId: string;
  readonly ownerId: string;
  readonly clientId: string;
}

/** What is over no longer says what it was. */
const SCRUBBED = { name: '', width: null, height: null, durationMs: null } as const;
const GONE_WITH_IT = { slot: '', sha256: '', clientId: '', lease: '' } as const;

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

  /** The slots of a person's uploads that are not finished; index `slot`. */
  async usedSlots(ownerId: string): Promise<number[]> {
    const found = await this.#attachments
      .find({ ownerId, slot: { $exists: true } }, { projection: { _id: 0, slot: 1 } })
      .hint('slot')
      .toArray();
    return found.flatMap(({ slot }) => slot ?? []);
  }

  /** Stores a new one; `false` when its slot was taken meanwhile. Unique index `slot`. */
  async insert(document: AttachmentDocument): Promise<boolean> {
    try {
      await this.#attachments.insertOne(document);
      return true;
    } catch (error) {
      if (isDuplicateKey(error, 'slot')) return false;
      throw error;
    }
  }

  /** Its multipart upload has begun. */
  begun(attachmentId: string, uploadId: string): Promise<AttachmentDocument | null> {
    return this.#change(
      attachmentId,
      { state: 'creating' },
      { $set: { state: 'uploading', uploadId } },
    );
  }

  /** Fresh URLs are about to be given out, which end at `until`. */
  prolong(attachmentId: string, until: number): Promise<AttachmentDocument | null> {
    return this.#change(attachmentId, { state: 'uploading' }, { $max: { urlsEndAt: until } });
  }

  /**
   * Takes the lease to check it, if nobody else has since `seen` was read. A single upload is copied to a place of this
   * check alone: a check that was given up may still be copying.
   */
  beginCheck(
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

  /** Holds the lease longer; `null` when it was lost. */
  renewLease(attachmentId: string, token: string, endsAt: number) {
    return this.#change(attachmentId, underLease(token), { $set: { 'lease.endsAt': endsAt } });
  }

  /** The check came to no result: it may be asked for again. */
  endCheck(attachmentId: string, token: string): Promise<AttachmentDocument | null> {
    return this.#change(attachmentId, underLease(token), {
      $set: { state: 'uploading' },
      $unset: { lease: '' },
    });
  }

  /** The check found something else: it is over. */
  failed(attachmentId: string, token: string, at: number): Promise<AttachmentDocument | null> {
    return this.#change(attachmentId, underLease(token), doomed(at));
  }

  /** The check found what was announced. */
  passed(attachmentId: string, token: string, checked: Checked) {
    return this.#change(attachmentId, underLease(token), {
      $set: { state: 'ready', ...checked },
      $unset: { lease: '', slot: '' },
    });
  }

  /** Holds it for one message; `null` when it is not ready, not theirs, or not for this conversation. */
  reserve(wanted: Reservation, at: number): Promise<AttachmentDocument | null> {
    const { attachmentId, clientId, conversationId, ownerId } = wanted;
    return this.#change(
      attachmentId,
      { state: 'ready', conversationId, ownerId },
      { $set: { state: 'reserved', clientId, reservedAt: at } },
    );
  }

  /** Holds it on for the message that it is held for. */
  reserveAgain(wanted: Reservation, at: number): Promise<AttachmentDocument | null> {
    const { attachmentId, clientId, conversationId, ownerId } = wanted;
    return this.#change(
      attachmentId,
      { state: 'reserved', conversationId, ownerId, clientId },
      { $set: { reservedAt: at } },
    );
  }

  /** Its message does not come: it may be given to another. */
  release(attachmentId: string, clientId: string): Promise<AttachmentDocument | null> {
    return this.#change(
      attachmentId,
      { state: 'reserved', clientId },
      { $set: { state: 'ready' }, $unset: { clientId: '', reservedAt: '' } },
    );
  }

  /** Its message stands, if its picture is still as `seen` says. */
  sent(seen: AttachmentDocument, messageId: string): Promise<AttachmentDocument | null> {
    const { clientId = '', thumbnail } = seen;
    return this.#change(
      seen._id,
      { state: 'reserved', clientId, thumbnail },
      { $set: { state: 'sent', messageId } },
    );
  }

  /** What became of its picture, if its state is still as `seen` says. */
  pictured(
    { _id, state }: AttachmentDocument,
    thumbnail: 'made' | 'failed',
  ): Promise<AttachmentDocument | null> {
    return this.#change(_id, { state, thumbnail: 'due' }, { $set: { thumbnail } });
  }

  /** It is over: from one of `states`, at `at` (milliseconds). */
  doom(
    attachmentId: string,
    states: readonly AttachmentState[],
    at: number,
  ): Promise<AttachmentDocument | null> {
    return this.#change(attachmentId, { state: { $in: [...states] } }, doomed(at));
  }

  /** Its message never came: it is over, unless it was held on since `seen` was read. */
  doomReserved(seen: AttachmentDocument, at: number): Promise<AttachmentDocument | null> {
    const { clientId = '', reservedAt = 0 } = seen;
    return this.#change(seen._id, { state: 'reserved', clientId, reservedAt }, doomed(at));
  }

  /** Those are over, whatever their state; index `_id_`. */
  async doomAll(attachmentIds: readonly string[], at: number): Promise<void> {
    if (attachmentIds.length === 0) return;
    await this.#attachments.updateMany(
      { _id: { $in: [...attachmentIds] }, state: { $ne: 'doomed' } },
      doomed(at),
    );
  }

  /** All of a conversation are over; index `conversation`. */
  async doomOfConversation(conversationId: string, at: number): Promise<void> {
    await this.#attachments.updateMany({ conversationId, state: { $ne: 'doomed' } }, doomed(at), {
      hint: 'conversation',
    });
  }

  /** Takes the one that is due longest, so that others leave it alone until `until`; index `due`. */
  takeDue(now: number, until: number): Promise<AttachmentDocument | null> {
    return this.#attachments.findOneAndUpdate(
      { dueAt: { $lte: now } },
      { $set: { dueAt: until } },
      { sort: { dueAt: 1 }, hint: { dueAt: 1 }, returnDocument: 'after' },
    );
  }

  /** Says when it is due next, unless it changed since it was taken; index `_id_`. */
  async reschedule(taken: AttachmentDocument, dueAt: number | undefined): Promise<void> {
    const unchanged = { _id: taken._id, state: taken.state, dueAt: taken.dueAt ?? 0 };
    await this.#attachments.updateOne(
      unchanged,
      dueAt === undefined ? { $unset: { dueAt: '' } } : { $set: { dueAt } },
    );
  }

  /** Nothing can arrive beside it any more, and nothing is left there; index `_id_`. */
  async forgetLeftovers(attachmentId: string): Promise<void> {
    await this.#attachments.updateOne(
      { _id: attachmentId, state: { $in: ['ready', 'reserved', 'sent'] } },
      { $unset: { incomingKey: '', strayKeys: '' } },
    );
  }

  /** Removes what is over; index `_id_`. */
  async remove(attachmentId: string): Promise<void> {
    await this.#attachments.deleteOne({ _id: attachmentId, state: 'doomed' });
  }

  /** Changes it where it is as `where` says; index `_id_`. */
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

function doomed(at: number): Changes {
  return {
    $set: { state: 'doomed', doomedAt: at, dueAt: at, ...SCRUBBED },
    $unset: GONE_WITH_IT,
  };
}
