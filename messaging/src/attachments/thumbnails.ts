import type { ObjectStore } from '@parley/backend-common';

import type { ReportFault } from '../faults.ts';
import { DELETING, type AttachmentDocument } from './attachment-document.ts';
import type { AttachmentMetrics } from './attachment-metrics.ts';
import type { AttachmentRepository } from './attachment-repository.ts';
import type { Imaging } from './ports.ts';

/**
 * Records in a message that its attachment has a thumbnail. Returns the function that notifies the members; they may fetch
 * it at once, so it must be recorded in the attachment by then.
 */
export type ShowThumbnail = (message: {
  readonly conversationId: string;
  readonly messageId: string;
  readonly attachmentId: string;
}) => Promise<() => void>;

interface ThumbnailsDeps {
  readonly attachments: Pick<AttachmentRepository, 'find' | 'recordThumbnail'>;
  readonly imaging: Pick<Imaging, 'reads' | 'thumbnail'>;
  readonly metrics: Pick<AttachmentMetrics, 'countThumbnail'>;
  readonly reportFault: ReportFault;
  readonly showThumbnail: ShowThumbnail;
  readonly store: Pick<ObjectStore, 'delete' | 'put' | 'read'>;
}

/** Most bytes of an image: it is held in memory as a whole. */
const MAX_BYTES = 32 * 1024 ** 2;
/** Most images in the queue. The sweeper of any node enqueues those again that found no room. */
const MAX_QUEUED = 200;

/** Makes thumbnails in the background, one at a time. */
export class Thumbnails {
  readonly #deps: ThumbnailsDeps;
  readonly #queue = new Map<string, AttachmentDocument>();
  #working: Promise<void> | undefined;
  #isClosed = false;

  constructor(deps: ThumbnailsDeps) {
    this.#deps = deps;
  }

  /** Number of images in the queue. */
  get queued(): number {
    return this.#queue.size;
  }

  /** Whether a thumbnail is made of an attachment. */
  async accepts(file: Pick<AttachmentDocument, 'contentType' | 'size'>): Promise<boolean> {
    return file.size <= MAX_BYTES && this.#deps.imaging.reads(file.contentType);
  }

  /** Adds an attachment to the queue, unless it is full. */
  enqueue(attachment: AttachmentDocument): void {
    if (this.#isClosed || this.#queue.has(attachment._id)) return;
    if (this.#queue.size >= MAX_QUEUED) {
      this.#deps.metrics.countThumbnail('dropped');
      return;
    }
    this.#queue.set(attachment._id, attachment);
    this.#working ??= this.#work().finally(() => (this.#working = undefined));
  }

  /** Resolves when the queue is empty and nothing is in progress. */
  async idle(): Promise<void> {
    await this.#working;
  }

  /** Drops the queue, and waits for the thumbnail in progress. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#queue.clear();
    await this.#working;
  }

  async #work(): Promise<void> {
    for (const [attachmentId, attachment] of this.#queue) {
      this.#queue.delete(attachmentId);
      try {
        await this.#make(attachment);
      } catch (error) {
        this.#deps.reportFault('thumbnail_failed', error);
      }
    }
  }

  async #make(attachment: AttachmentDocument): Promise<void> {
    const { _id, contentType, key = '', size, thumbnailKey = '' } = attachment;
    const { imaging, metrics, store } = this.#deps;
    // The node that recorded it can read this type, and this one cannot. The sweeper of a node that can enqueues it again.
    if (!(await imaging.reads(contentType))) return;
    const image = await store.read(key, { start: 0, end: size });
    const thumbnail = await imaging.thumbnail(image);
    if (thumbnail !== null) {
      await store.put({ key: thumbnailKey, body: thumbnail, contentType: 'image/webp' });
    }
    const result = thumbnail === null ? 'failed' : 'made';
    metrics.countThumbnail(result);
    // The attachment may have been purged in the meantime, before this object existed.
    if (!(await this.#record(_id, result))) await store.delete(thumbnailKey);
  }

  /**
   * Records the result; returns whether the attachment still exists. Tries again when its state changed in between, so
   * that a message sent in the meantime shows the thumbnail too.
   */
  async #record(attachmentId: string, result: 'made' | 'failed'): Promise<boolean> {
    const { attachments, showThumbnail } = this.#deps;
    for (;;) {
      const seen = await attachments.find(attachmentId);
      if (seen === null || seen.state === DELETING) return false;
      if (seen.thumbnail !== 'due') return true;
      const { conversationId, messageId } = seen;
      let notify = (): void => undefined;
      if (result === 'made' && messageId !== undefined) {
        notify = await showThumbnail({ conversationId, messageId, attachmentId });
      }
      if ((await attachments.recordThumbnail(seen, result)) === null) continue;
      notify();
      return true;
    }
  }
}
