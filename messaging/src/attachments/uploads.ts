import type { ObjectStore } from '@parley/backend-common';
import { AppError, DAY, LIMITS, type Now } from '@parley/common';
import type { OperationInput, OperationOutput } from '@parley/common/contract';

import type { Access } from '../conversations/access.ts';
import {
  DELETING,
  isPending,
  PENDING,
  toAttachment,
  type AttachmentDocument,
} from './attachment-document.ts';
import type { AttachmentMetrics } from './attachment-metrics.ts';
import type { AttachmentRepository } from './attachment-repository.ts';
import type { UploadPolicy } from './upload-policy.ts';
import { canonicalType, kindOf, OPAQUE_TYPE } from './media-types.ts';
import type { NewKey } from './object-keys.ts';
import type { QuotaRepository } from './quota-repository.ts';
import { checkInProgress, noAttachment } from './refusals.ts';
import { isMultipart, partCount, uploadUrls } from './upload-urls.ts';

interface UploadsDeps {
  readonly access: Access;
  readonly policy: UploadPolicy;
  readonly attachments: AttachmentRepository;
  readonly store: ObjectStore;
  readonly quotas: QuotaRepository;
  /** Bytes that a user may announce a day. */
  readonly bytesPerDay: number;
  readonly metrics: Pick<AttachmentMetrics, 'count'>;
  readonly now: Now;
  readonly newId: () => string;
  readonly newKey: NewKey;
  /** Called when an attachment is to be deleted: the sweeper can start. */
  readonly onDeleting: () => void;
}

type CreateInput = OperationInput<'attachment:create'>;

const SLOTS = Array.from({ length: LIMITS.pendingUploads }, (_, slot) => slot);

/** Starts, resumes and cancels uploads to the store. */
export class Uploads {
  readonly #deps: UploadsDeps;

  constructor(deps: UploadsDeps) {
    this.#deps = deps;
  }

  /**
   * Announces a file and signs its upload URLs.
   * @throws AppError `not_found`, `blocked`, `recipient_unavailable`, `limit_reached`, `quota_exceeded`, `unavailable`
   */
  async create(input: CreateInput, userId: string): Promise<OperationOutput<'attachment:create'>> {
    const { attachments, policy, metrics, now, quotas, store } = this.#deps;
    await policy.requireUpload(input.conversationId, userId);
    // Checked before the quota as well as on insert, so that a request without a free slot uses no quota.
    await this.#freeSlot(userId);
    const announced = { userId, bytes: input.size, at: now() };
    if (!(await quotas.take(announced, this.#deps.bytesPerDay))) throw quotaExceeded(announced.at);
    let attachment: AttachmentDocument | undefined;
    try {
      attachment = await this.#insert(input, userId);
      if (isMultipart(input.size)) attachment = await this.#startMultipart(attachment);
      const upload = await uploadUrls(store, attachment, { expiresAt: attachment.urlsEndAt });
      metrics.count('created');
      return { attachment: toAttachment(attachment), upload };
    } catch (error) {
      await quotas.giveBack(announced);
      if (attachment !== undefined) await attachments.startDeleting(attachment._id, PENDING, now());
      throw error;
    }
  }

  /** Signs new URLs for an upload. @throws AppError `not_found`, `conflict` (the upload is complete), `invalid_input`, `unavailable` */
  async resume(
    { attachmentId, partNumbers }: OperationInput<'attachment:resume'>,
    userId: string,
  ): Promise<OperationOutput<'attachment:resume'>> {
    const { access, attachments, now, store } = this.#deps;
    const found = await this.#ownPending(attachmentId, userId);
    await access.require(found.conversationId, userId);
    const count = found.uploadId === undefined ? 0 : partCount(found.size);
    if (partNumbers?.some((partNumber) => partNumber > count) === true) {
      const issues = [{ path: 'partNumbers', message: `The upload has ${count} parts` }];
      throw new AppError('invalid_input', 'The upload does not have this part', { issues });
    }
    const expiresAt = now() + LIMITS.uploadUrl;
    const attachment = await attachments.extendUrls(attachmentId, expiresAt);
    if (attachment === null) throw checkInProgress();
    return { upload: await uploadUrls(store, attachment, { expiresAt, partNumbers }) };
  }

  /** Deletes an attachment that was not sent. @throws AppError `not_found`, `conflict` (sent, or being sent) */
  async cancel(
    { attachmentId }: OperationInput<'attachment:cancel'>,
    userId: string,
  ): Promise<OperationOutput<'attachment:cancel'>> {
    const { attachments, now, onDeleting } = this.#deps;
    const found = await attachments.find(attachmentId);
    if (found?.ownerId !== userId) throw noAttachment();
    if (found.state === DELETING) return {};
    if ((await attachments.startDeleting(attachmentId, [...PENDING, 'ready'], now())) === null) {
      throw new AppError('conflict', 'The attachment is sent; delete the message instead');
    }
    onDeleting();
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
    throw new AppError('limit_reached', `${many} uploads are unfinished; finish or cancel one`);
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

  async #startMultipart({ _id, key = '' }: AttachmentDocument): Promise<AttachmentDocument> {
    const { attachments, store } = this.#deps;
    const uploadId = await store.createMultipart({ key, contentType: OPAQUE_TYPE });
    const started = await attachments.startUploading(_id, uploadId);
    if (started !== null) return started;
    // The attachment was cancelled in the meantime, and this upload is not in its document.
    await store.abortMultipart({ key, uploadId });
    throw noAttachment();
  }

  async #ownPending(attachmentId: string, userId: string): Promise<AttachmentDocument> {
    const found = await this.#deps.attachments.find(attachmentId);
    if (found?.ownerId !== userId || found.state === DELETING) throw noAttachment();
    const isExpired = found.createdAt + LIMITS.uploadTime <= this.#deps.now();
    if (isExpired && isPending(found)) throw noAttachment();
    if (found.state === 'uploading') return found;
    if (found.state === 'creating' || found.state === 'verifying') throw checkInProgress();
    throw new AppError('conflict', 'The upload is complete');
  }
}

function quotaExceeded(at: number): AppError {
  return new AppError('quota_exceeded', 'The upload quota of this day is used up', {
    retryAfterMs: DAY - (at % DAY),
  });
}
