import type { AttachmentDocument } from './attachment-document.ts';
import type { AttachmentGround, Imaging } from './ports.ts';

/** Says in a message that its attachment has a small picture now, and tells its members. */
export type ShowThumbnail = (message: {
  readonly conversationId: string;
  readonly messageId: string;
  readonly attachmentId: string;
}) => Promise<void>;

interface ThumbnailsDeps extends AttachmentGround {
  readonly imaging: Imaging;
  readonly show: ShowThumbnail;
}

/** Bytes of a picture at most: it is held in memory as a whole. */
const LARGEST = 32 * 1024 ** 2;
/** Pictures that may wait; one that finds no room is tried again later, by whichever node comes to it. */
const WAITING_AT_MOST = 200;

/** Makes small pictures, one at a time, beside everything else. */
export class Thumbnails {
  readonly #deps: ThumbnailsDeps;
  readonly #waiting = new Map<string, AttachmentDocument>();
  #working: Promise<void> | undefined;
  #isClosed = false;

  constructor(deps: ThumbnailsDeps) {
    this.#deps = deps;
  }

  /** Pictures that wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Whether a small picture is made of it. */
  takes({ kind, size }: Pick<AttachmentDocument, 'kind' | 'size'>): boolean {
    return kind === 'image' && size <= LARGEST;
  }

  /** Makes one of it when its turn comes. */
  enqueue(attachment: AttachmentDocument): void {
    if (this.#isClosed || this.#waiting.has(attachment._id)) return;
    if (this.#waiting.size >= WAITING_AT_MOST) {
      this.#deps.metrics.countThumbnail('dropped');
      return;
    }
    this.#waiting.set(attachment._id, attachment);
    this.#working ??= this.#work().finally(() => (this.#working = undefined));
  }

  /** Resolves when nothing waits or is being made. */
  async idle(): Promise<void> {
    await this.#working;
  }

  /** Takes nothing more, and lets what is being made come to its end. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#waiting.clear();
    await this.#working;
  }

  async #work(): Promise<void> {
    for (const [attachmentId, attachment] of this.#waiting) {
      this.#waiting.delete(attachmentId);
      try {
        await this.#make(attachment);
      } catch (error) {
        this.#deps.onFault('A small picture could not be made yet', error);
      }
    }
  }

  async #make({ _id, key = '', size, thumbnailKey = '' }: AttachmentDocument): Promise<void> {
    const { imaging, metrics, store } = this.#deps;
    const picture = await store.read(key, { start: 0, end: size });
    const small = await imaging.thumbnail(picture);
    if (small !== null) {
      await store.put({ key: thumbnailKey, body: small, contentType: 'image/webp' });
    }
    const result = small === null ? 'failed' : 'made';
    metrics.countThumbnail(result);
    // Who is over meanwhile may have been removed already, without this picture.
    if (!(await this.#record(_id, result))) await store.delete(thumbnailKey);
  }

  /** Whether the attachment is still there. What is sent meanwhile is looked at again, so that its message says it too. */
  async #record(attachmentId: string, result: 'made' | 'failed'): Promise<boolean> {
    const { attachments, show } = this.#deps;
    for (;;) {
      const seen = await attachments.find(attachmentId);
      if (seen === null || seen.state === 'doomed') return false;
      if (seen.thumbnail !== 'due') return true;
      const { conversationId, messageId } = seen;
      if (result === 'made' && messageId !== undefined) {
        await show({ conversationId, messageId, attachmentId });
      }
      if ((await attachments.pictured(seen, result)) !== null) return true;
    }
  }
}
