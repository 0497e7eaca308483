import type { ObjectStore } from '@parley/backend-common';
import { AppError, type Now } from '@parley/common';
import type { Attachment, OperationInput } from '@parley/common/contract';

import type { Access } from '../conversations/access.ts';
import type { ReportFault } from '../faults.ts';
import {
  DELETING,
  isPending,
  toAttachment,
  type AttachmentDocument,
} from './attachment-document.ts';
import type { AttachmentMetrics } from './attachment-metrics.ts';
import type { AttachmentRepository } from './attachment-repository.ts';
import { kindOf } from './media-types.ts';
import type { NewKey } from './object-keys.ts';
import { checkInProgress, mismatch, noAttachment } from './refusals.ts';
import { nextDueAt } from './schedule.ts';
import type { Thumbnails } from './thumbnails.ts';
import type { UploadFinalizer } from './upload-finalizer.ts';
import type { UploadCheck, UploadCheckRepository } from './upload-check-repository.ts';
import type { InspectionResult, UploadInspector } from './upload-inspector.ts';
import { partCount } from './upload-urls.ts';

interface UploadCompletionDeps {
  readonly access: Access;
  readonly attachments: Pick<AttachmentRepository, 'find'>;
  readonly checks: UploadCheckRepository;
  readonly store: Pick<ObjectStore, 'delete'>;
  readonly finalizer: UploadFinalizer;
  readonly inspector: UploadInspector;
  /** Absent: this node makes no thumbnails. */
  readonly thumbnails: Thumbnails | undefined;
  readonly metrics: AttachmentMetrics;
  readonly now: Now;
  readonly newKey: NewKey;
  /** Called when an attachment is to be deleted: the sweeper can start. */
  readonly onDeleting: () => void;
  readonly reportFault: ReportFault;
}

type Parts = OperationInput<'attachment:complete'>['parts'];

/**
 * Completes uploads: moves them to the final key and checks them there. No upload URL can write that object: a single
 * upload is copied to it, and completing a multipart upload ends its URLs.
 */
export class UploadCompletion {
  readonly #deps: UploadCompletionDeps;
  /** Checks in progress on this node; concurrent requests share the result. */
  readonly #inProgress = new Map<string, Promise<AttachmentDocument>>();

  constructor(deps: UploadCompletionDeps) {
    this.#deps = deps;
  }

  /**
   * Checks an upload and makes the attachment ready. Repeating it returns the ready attachment.
   * @throws AppError `not_found`, `conflict` (retryable: another node checks it), `upload_incomplete` (retryable),
   * `upload_mismatch` (final: the attachment is deleted), `unavailable`
   */
  async complete(
    { attachmentId, parts }: OperationInput<'attachment:complete'>,
    userId: string,
  ): Promise<Attachment> {
    const { access, attachments } = this.#deps;
    const found = await attachments.find(attachmentId);
    if (found?.ownerId !== userId || found.state === DELETING) throw noAttachment();
    if (!isPending(found)) return toAttachment(found);
    await access.require(found.conversationId, userId);
    return toAttachment(await this.#share(found, parts));
  }

  #share(found: AttachmentDocument, parts: Parts): Promise<AttachmentDocument> {
    const shared = this.#inProgress.get(found._id);
    if (shared !== undefined) return shared;
    const stop = this.#deps.metrics.timeCheck();
    const check = this.#check(found, parts).finally(() => {
      stop();
      this.#inProgress.delete(found._id);
    });
    this.#inProgress.set(found._id, check);
    return check;
  }

  async #check(found: AttachmentDocument, parts: Parts): Promise<AttachmentDocument> {
    const { checks, newKey } = this.#deps;
    requireParts(found, parts);
    if (found.state === 'creating') throw checkInProgress();
    const check = await checks.start(found, newKey());
    if (check === null) throw checkInProgress();
    try {
      return await checks.hold(check, async (signal) =>
        this.#conclude(check, await this.#inspect(check.document, parts, signal)),
      );
    } catch (error) {
      await this.#fail(check, error);
      throw error;
    }
  }

  async #fail(check: UploadCheck, error: unknown): Promise<void> {
    const { checks, metrics, now, onDeleting } = this.#deps;
    if (!(error instanceof AppError) || error.code !== 'upload_mismatch') {
      await checks.abandon(check);
      return;
    }
    metrics.count('mismatch');
    await checks.fail(check, now());
    onDeleting();
  }

  /** @param signal - aborts when the lease was lost; throws a `conflict` then */
  async #inspect(
    leased: AttachmentDocument,
    parts: Parts,
    signal: AbortSignal,
  ): Promise<InspectionResult> {
    const { finalizer, inspector } = this.#deps;
    if (!(await finalizer.finalize(leased, parts ?? []))) return { kind: 'missing' };
    return inspector.inspect(leased, leased.key ?? '', () => {
      if (signal.aborted) throw checkInProgress();
    });
  }

  async #conclude(check: UploadCheck, result: InspectionResult): Promise<AttachmentDocument> {
    const { metrics } = this.#deps;
    switch (result.kind) {
      case 'missing':
        metrics.count('incomplete');
        throw new AppError('upload_incomplete', 'The upload is not complete yet');
      case 'mismatch':
        throw mismatch(result.why);
      case 'match':
        return this.#pass(check, result);
      default:
        return result satisfies never;
    }
  }

  async #pass(
    check: UploadCheck,
    { contentType, dimensions }: Extract<InspectionResult, { kind: 'match' }>,
  ): Promise<AttachmentDocument> {
    const { checks, metrics, newKey, now, thumbnails } = this.#deps;
    const { document: leased, id } = check;
    const recognised = { contentType, kind: kindOf(contentType) };
    const hasThumbnail = (await thumbnails?.accepts({ ...leased, ...recognised })) === true;
    const readyAt = now();
    const thumbnail = hasThumbnail ? 'due' : 'none';
    const { height, width } = dimensions ?? leased;
    const dueAt = nextDueAt({ ...leased, state: 'ready', readyAt, thumbnail }, readyAt);
    const passed = await checks.pass(check, {
      ...{ ...recognised, width, height, thumbnail, readyAt },
      ...(hasThumbnail ? { thumbnailKey: newKey() } : {}),
      ...(dueAt === undefined ? {} : { dueAt }),
    });
    if (passed === null) return this.#resultOfOther(id);
    metrics.count('ready');
    metrics.countBytes(passed.size);
    metrics.countType(recognised.contentType, leased.contentType);
    this.#removeOriginal(passed);
    if (hasThumbnail) thumbnails?.enqueue(passed);
    return passed;
  }

  /** The original of a copied upload is not needed any more. The sweeper removes it where this fails. */
  #removeOriginal({ incomingKey }: AttachmentDocument): void {
    if (incomingKey === undefined) return;
    const { reportFault, store } = this.#deps;
    store.delete(incomingKey).catch((error: unknown) => {
      reportFault('upload_not_removed', error);
    });
  }

  /** The lease was lost to another check: its result counts. */
  async #resultOfOther(attachmentId: string): Promise<AttachmentDocument> {
    const present = await this.#deps.attachments.find(attachmentId);
    if (present === null || present.state === DELETING) throw noAttachment();
    if (isPending(present)) throw checkInProgress();
    return present;
  }
}

/** @throws AppError `invalid_input` when parts are missing, or given for a single upload */
function requireParts({ size, uploadId }: AttachmentDocument, parts: Parts): void {
  const wanted = uploadId === undefined ? 0 : partCount(size);
  const numbers = new Set(parts?.map(({ partNumber }) => partNumber));
  const fits =
    numbers.size === wanted &&
    Array.from({ length: wanted }, (_, index) => index + 1).every((number) => numbers.has(number));
  if (fits) return;
  const issues = [{ path: 'parts', message: `Must name all ${wanted} parts` }];
  throw new AppError('invalid_input', 'The parts do not match the upload', { issues });
}
