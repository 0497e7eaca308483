import { AppError, DAY, LIMITS } from '@parley/common';
import type { OperationInput, OperationOutput } from '@parley/common/contract';

import type { Access } from '../conversations/access.ts';
import {
  isPending,
  PENDING,
  toAttachment,
  type AttachmentDocument,
} from './attachment-document.ts';
import type { Entrance } from './entrance.ts';
import { canonicalType, kindOf, storedType } from './media-types.ts';
import type { NewKey } from './object-keys.ts';
import type { AttachmentGround } from './ports.ts';
import type { QuotaRepository } from './quota-repository.ts';
import { busy, noAttachment } from './refusals.ts';
import { isMultipart, partCount, uploadUrls } from './upload-urls.ts';

interface UploadsDeps extends AttachmentGround {
  readonly access: Access;
  readonly entrance: Entrance;
  readonly quotas: QuotaRepository;
  /** Bytes that a person may announce a day. */
  readonly bytesPerDay: number;
  readonly newKey: NewKey;
  /** Told when something is over: its bytes can go. */
  readonly onDoomed: () => void;
}

type CreateInput = OperationInput<'attachment:create'>;

const SLOTS = Array.from({ length: LIMITS.pendingUploads }, (_, slot) => slot);

/** Brings the bytes of files to the store. */
export class Uploads {
  readonly #deps: UploadsDeps;

  constructor(deps: UploadsDeps) {
    this.#deps = deps;
  }

  /** Announces a file. @throws AppError `not_found`, `blocked`, `recipient_unavailable`, `limit_reached`, `quota_exceeded`, `unavailable` */
  async create(input: CreateInput, userId: string): Promise<OperationOutput<'attachment:create'>> {
    const { attachments, entrance, metrics, now, quotas, store } = this.#deps;
    await entrance.require(input.conversationId, userId);
    // Asked first as well as last: who has no slot uses up no bytes.
    await this.#freeSlot(userId);
    const announced = { userId, bytes: input.size, at: now() };
    if (!(await quotas.take(announced, this.#deps.bytesPerDay))) throw quotaExceeded(announced.at);
    let attachment: AttachmentDocument | undefined;
    try {
      attachment = await this.#insert(input, userId);
      if (isMultipart(input.size)) attachment = await this.#begin(attachment);
      const upload = await uploadUrls(store, attachment, { expiresAt: attachment.urlsEndAt });
      metrics.count('created');
      return { attachment: toAttachment(attachment), upload };
    } catch (error) {
      await quotas.giveBack(announced);
      if (attachment !== undefined) await attachments.doom(attachment._id, PENDING, now());
      throw error;
    }
  }

  /** Fresh URLs. @throws AppError `not_found`, `conflict` (nothing to upload any more), `invalid_input`, `unavailable` */
  async resume(
    { attachmentId, partNumbers }: OperationInput<'attachment:resume'>,
    userId: string,
  ): Promise<OperationOutput<'attachment:resume'>> {
    const { access, attachments, now, store } = this.#deps;
    const found = await this.#ownPending(attachmentId, userId);
    await access.require(found.conversationId, userId);
    const last = found.uploadId === undefined ? 0 : partCount(found.size);
    if (partNumbers?.some((partNumber) => partNumber > last) === true) {
      const issues = [{ path: 'partNumbers', message: `There are ${last} parts` }];
      throw new AppError('invalid_input', 'There is no such part', { issues });
    }
    const expiresAt = now() + LIMITS.uploadUrl;
    const attachment = await attachments.prolong(attachmentId, expiresAt);
    if (attachment === null) throw busy();
    return { upload: await uploadUrls(store, attachment, { expiresAt, partNumbers }) };
  }

  /** Gives up what was not sent. @throws AppError `not_found`, `conflict` (sent, or being sent) */
  async cancel(
    { attachmentId }: OperationInput<'attachment:cancel'>,
    userId: string,
  ): Promise<OperationOutput<'attachment:cancel'>> {
    const { attachments, now, onDoomed } = this.#deps;
    const found = await attachments.find(attachmentId);
    if (found?.ownerId !== userId) throw noAttachment();
    if (found.state === 'doomed') return {};
    if ((await attachments.doom(attachmentId, [...PENDING, 'ready'], now())) === null) {
      throw new AppError('conflict', 'The attachment is sent; delete the message instead');
    }
    onDoomed();
    return {};
  }

  async #insert(input: CreateInput, ownerId: string): Promise<AttachmentDocument> {
    for (;;) {
      const attachment = this.#announce(input, ownerId, await this.#freeSlot(ownerId));
      if (await this.#deps.attachments.insert(attachment)) return attachment;
    }
  }

  async #freeSlot(ownerId: string): Promise<number> {
    const used = await this.#deps.attachments.usedSlots(ownerId);
    const slot = SLOTS.find((each) => !used.includes(each));
    if (slot !== undefined) return slot;
    const many = LIMITS.pendingUploads;
    throw new AppError('limit_reached', `${many} uploads are not finished; finish or cancel one`);
  }

  #announce(input: CreateInput, ownerId: string, slot: number): AttachmentDocument {
    const { conversationId, durationMs, height, name, sha256, size, width } = input;
    const { newId, newKey, now } = this.#deps;
    const contentType = canonicalType(input.contentType);
    const createdAt = now();
    return {
      _id: newId(),
      ...{ conversationId, ownerId, name, contentType, size, createdAt, slot },
      kind: kindOf(contentType),
      width: width ?? null,
      height: height ?? null,
      durationMs: durationMs ?? null,
      ...(sha256 === undefined ? {} : { sha256 }),
      urlsEndAt: createdAt + LIMITS.uploadUrl,
      dueAt: createdAt + LIMITS.uploadTime,
      thumbnail: 'none',
      ...(isMultipart(size)
        ? { state: 'creating', key: newKey() }
        : { state: 'uploading', incomingKey: newKey() }),
    };
  }

  async #begin({ _id, contentType, key = '' }: AttachmentDocument): Promise<AttachmentDocument> {
    const { attachments, store } = this.#deps;
    const uploadId = await store.createMultipart({ key, contentType: storedType(contentType) });
    const begun = await attachments.begun(_id, uploadId);
    if (begun !== null) return begun;
    // It was given up meanwhile, without anybody knowing of this upload.
    await store.abortMultipart({ key, uploadId });
    throw noAttachment();
  }

  async #ownPending(attachmentId: string, userId: string): Promise<AttachmentDocument> {
    const found = await this.#deps.attachments.find(attachmentId);
    if (found?.ownerId !== userId || found.state === 'doomed') throw noAttachment();
    const isLate = found.createdAt + LIMITS.uploadTime <= this.#deps.now();
    if (isLate && isPending(found)) throw noAttachment();
    if (found.state === 'uploading') return found;
    if (found.state === 'creating' || found.state === 'verifying') throw busy();
    throw new AppError('conflict', 'The upload is complete');
  }
}

function quotaExceeded(at: number): AppError {
  return new AppError('quota_exceeded', 'The bytes of this day are used up', {
    retryAfterMs: DAY - (at % DAY),
  });
}
