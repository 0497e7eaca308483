import { AppError, SECOND } from '@parley/common';
import type { Attachment, OperationInput } from '@parley/common/contract';

import type { Access } from '../conversations/access.ts';
import type { Arrival } from './arrival.ts';
import { isPending, toAttachment, type AttachmentDocument } from './attachment-document.ts';
import type { Finding, Inspection } from './inspection.ts';
import type { NewKey } from './object-keys.ts';
import type { AttachmentGround } from './ports.ts';
import { busy, mismatch, noAttachment } from './refusals.ts';
import { nextDueAt } from './schedule.ts';
import type { Thumbnails } from './thumbnails.ts';
import { partCount } from './upload-urls.ts';

interface CompletionDeps extends AttachmentGround {
  readonly access: Access;
  readonly arrival: Arrival;
  readonly inspection: Inspection;
  /** Absent where nothing here makes small pictures. */
  readonly thumbnails: Thumbnails | undefined;
  readonly newKey: NewKey;
  readonly onDoomed: () => void;
}

type Parts = OperationInput<'attachment:complete'>['parts'];

/** Milliseconds for which a check counts as under way after its last sign of life. */
const LEASE = 60 * SECOND;
const RENEWED_EVERY = 20 * SECOND;

/**
 * Checks what was uploaded. What is checked is the final object, which no upload URL reaches: a single upload is copied
 * to it, an upload in parts becomes it and ends thereby.
 */
export class Completion {
  readonly #deps: CompletionDeps;
  /** Checks under way here: who asks again meanwhile shares the answer. */
  readonly #underWay = new Map<string, Promise<AttachmentDocument>>();

  constructor(deps: CompletionDeps) {
    this.#deps = deps;
  }

  /**
   * @throws AppError `not_found`, `conflict` (retryable: another node checks it), `upload_incomplete` (retryable),
   * `upload_mismatch` (it is over), `unavailable`
   */
  async complete(
    { attachmentId, parts }: OperationInput<'attachment:complete'>,
    userId: string,
  ): Promise<Attachment> {
    const { access, attachments } = this.#deps;
    const found = await attachments.find(attachmentId);
    if (found?.ownerId !== userId || found.state === 'doomed') throw noAttachment();
    if (!isPending(found)) return toAttachment(found);
    await access.require(found.conversationId, userId);
    return toAttachment(await this.#share(found, parts));
  }

  #share(found: AttachmentDocument, parts: Parts): Promise<AttachmentDocument> {
    const known = this.#underWay.get(found._id);
    if (known !== undefined) return known;
    const stop = this.#deps.metrics.startCheck();
    const check = this.#check(found, parts).finally(() => {
      stop();
      this.#underWay.delete(found._id);
    });
    this.#underWay.set(found._id, check);
    return check;
  }

  async #check(found: AttachmentDocument, parts: Parts): Promise<AttachmentDocument> {
    const { attachments, newId, newKey, now } = this.#deps;
    requireParts(found, parts);
    const isTaken = found.lease !== undefined && found.lease.endsAt > now();
    if (found.state === 'creating' || isTaken) throw busy();
    const lease = { token: newId(), endsAt: now() + LEASE };
    const taken = await attachments.beginCheck(found, lease, newKey());
    if (taken === null) throw busy();
    try {
      return await this.#conclude(taken, await this.#find(taken, parts));
    } catch (error) {
      await this.#giveUp(taken, lease.token, error);
      throw error;
    }
  }

  async #giveUp({ _id }: AttachmentDocument, token: string, error: unknown): Promise<void> {
    const { attachments, metrics, now, onDoomed } = this.#deps;
    if (!(error instanceof AppError) || error.code !== 'upload_mismatch') {
      await attachments.endCheck(_id, token);
      return;
    }
    metrics.count('mismatch');
    await attachments.failed(_id, token, now());
    onDoomed();
  }

  /** Renews the lease while a check goes on. @throws AppError `conflict` when it was lost */
  #signsOfLife({ _id, lease }: AttachmentDocument): () => Promise<void> {
    const { attachments, now } = this.#deps;
    let renewedAt = now();
    return async () => {
      if (now() - renewedAt < RENEWED_EVERY) return;
      renewedAt = now();
      const renewed = await attachments.renewLease(_id, lease?.token ?? '', renewedAt + LEASE);
      if (renewed === null) throw busy();
    };
  }

  async #find(taken: AttachmentDocument, parts: Parts): Promise<Finding> {
    const { arrival, inspection } = this.#deps;
    if (!(await arrival.settle(taken, parts ?? []))) return { kind: 'absent' };
    return inspection.inspect(taken, taken.key ?? '', this.#signsOfLife(taken));
  }

  async #conclude(taken: AttachmentDocument, finding: Finding): Promise<AttachmentDocument> {
    const { metrics } = this.#deps;
    switch (finding.kind) {
      case 'absent':
        metrics.count('incomplete');
        throw new AppError('upload_incomplete', 'Not everything is there yet');
      case 'other':
        throw mismatch(finding.why);
      case 'same':
        return this.#pass(taken, finding);
      default:
        return finding satisfies never;
    }
  }

  async #pass(
    taken: AttachmentDocument,
    { dimensions }: Extract<Finding, { kind: 'same' }>,
  ): Promise<AttachmentDocument> {
    const { attachments, metrics, newKey, now, thumbnails } = this.#deps;
    const readyAt = now();
    const isPictured = thumbnails?.takes(taken) === true;
    const thumbnail = isPictured ? 'due' : 'none';
    const { height, width } = dimensions ?? taken;
    const dueAt = nextDueAt({ ...taken, state: 'ready', readyAt, thumbnail }, readyAt);
    const passed = await attachments.passed(taken._id, taken.lease?.token ?? '', {
      ...{ width, height, thumbnail, readyAt },
      ...(isPictured ? { thumbnailKey: newKey() } : {}),
      ...(dueAt === undefined ? {} : { dueAt }),
    });
    if (passed === null) return this.#overtaken(taken._id);
    metrics.count('ready');
    metrics.countBytes(passed.size);
    this.#removeLeftovers(passed);
    if (isPictured) thumbnails.enqueue(passed);
    return passed;
  }

  /** Beside what was checked nothing is needed any more. What is missed here is removed with what arrives later. */
  #removeLeftovers({ incomingKey }: AttachmentDocument): void {
    if (incomingKey === undefined) return;
    const { onFault, store } = this.#deps;
    store.delete(incomingKey).catch((error: unknown) => {
      onFault('An upload that was copied could not be removed yet', error);
    });
  }

  /** The lease was lost to somebody who has gone on from there. */
  async #overtaken(attachmentId: string): Promise<AttachmentDocument> {
    const present = await this.#deps.attachments.find(attachmentId);
    if (present === null || present.state === 'doomed') throw noAttachment();
    if (isPending(present)) throw busy();
    return present;
  }
}

/** @throws AppError `invalid_input` where parts are missing, or named of what has none */
function requireParts({ size, uploadId }: AttachmentDocument, parts: Parts): void {
  const wanted = uploadId === undefined ? 0 : partCount(size);
  const numbers = new Set(parts?.map(({ partNumber }) => partNumber));
  const fits =
    numbers.size === wanted &&
    Array.from({ length: wanted }, (_, index) => index + 1).every((number) => numbers.has(number));
  if (fits) return;
  const issues = [{ path: 'parts', message: `Must name all ${wanted} parts` }];
  throw new AppError('invalid_input', 'The parts do not fit', { issues });
}
