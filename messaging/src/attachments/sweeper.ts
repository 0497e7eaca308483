import { MINUTE, SECOND } from '@parley/common';

import { DELETING, type AttachmentDocument } from './attachment-document.ts';
import type { AttachmentReservations } from './attachment-reservations.ts';
import type { StoreDeps } from './ports.ts';
import { leftoversEndAt, nextDueAt, stateEndsAt } from './schedule.ts';
import type { Thumbnails } from './thumbnails.ts';

interface AttachmentSweeperDeps extends StoreDeps {
  readonly reservations: Pick<AttachmentReservations, 'findMessage' | 'recordSent'>;
  readonly thumbnails: Thumbnails | undefined;
}

const EVERY = 30 * SECOND;
/** Milliseconds that other nodes leave a claimed attachment alone; then one of them claims it again. */
const CLAIM = 2 * MINUTE;
/** Attachments of one sweep at most. */
const PER_SWEEP = 500;

/**
 * Expires unfinished uploads and unsent attachments, and purges deleted ones: from the store at once, a second time when
 * no upload can write there any more, then from the database. Every node runs it; interrupted work is done again.
 */
export class AttachmentSweeper {
  readonly #deps: AttachmentSweeperDeps;
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> | undefined;
  #isNudged = false;
  #isStopped = false;

  constructor(deps: AttachmentSweeperDeps) {
    this.#deps = deps;
  }

  /** Sweeps every 30 s from now on. */
  start(): void {
    this.#timer = setInterval(() => this.nudge(), EVERY).unref();
  }

  /** Sweeps now, or once more after the sweep in progress. */
  nudge(): void {
    this.#isNudged = true;
    this.#sweeping ??= this.#sweepOn().finally(() => (this.#sweeping = undefined));
  }

  /** Resolves when no sweep is in progress. */
  async idle(): Promise<void> {
    await this.#sweeping;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#isStopped = true;
    await this.#sweeping;
  }

  /** Handles everything that is due. @throws when the store or the database fails */
  async sweep(): Promise<void> {
    const { attachments, now } = this.#deps;
    for (let count = 0; count < PER_SWEEP && !this.#isStopped; count += 1) {
      const claimed = await attachments.claimDue(now(), now() + CLAIM);
      if (claimed === null) return;
      await this.#handle(claimed);
    }
  }

  async #sweepOn(): Promise<void> {
    while (this.#isNudged && !this.#isStopped) {
      this.#isNudged = false;
      try {
        await this.sweep();
      } catch (error) {
        this.#deps.reportFault('attachment_sweep_failed', error);
      }
    }
  }

  async #handle(claimed: AttachmentDocument): Promise<void> {
    const { attachments, now, thumbnails } = this.#deps;
    if (claimed.state === DELETING) return this.#purge(claimed);
    if (isPast(stateEndsAt(claimed), now())) return this.#expire(claimed);
    let current = claimed;
    if (isPast(leftoversEndAt(claimed), now())) current = await this.#removeLeftovers(claimed);
    if (current.thumbnail === 'due') thumbnails?.enqueue(current);
    await attachments.reschedule(claimed, nextDueAt(current, now()));
  }

  /** Deletes the attachment, unless the log has a message with it. */
  async #expire(claimed: AttachmentDocument): Promise<void> {
    const { attachments, reservations, now } = this.#deps;
    if (claimed.state !== 'reserved') {
      await attachments.startDeleting(claimed._id, [claimed.state], now());
      return;
    }
    const message = await reservations.findMessage(claimed);
    if (message === null) await attachments.startDeletingReserved(claimed, now());
    else await reservations.recordSent(claimed._id, message);
  }

  async #removeLeftovers(claimed: AttachmentDocument): Promise<AttachmentDocument> {
    const { attachments, store } = this.#deps;
    const { incomingKey, strayKeys = [], ...rest } = claimed;
    for (const key of [incomingKey, ...strayKeys]) if (key !== undefined) await store.delete(key);
    await attachments.forgetLeftovers(claimed._id);
    return rest;
  }

  async #purge(claimed: AttachmentDocument): Promise<void> {
    const { attachments, metrics, now, store } = this.#deps;
    const { incomingKey, key, strayKeys = [], thumbnailKey, uploadId } = claimed;
    if (key !== undefined && uploadId !== undefined) await store.abortMultipart({ key, uploadId });
    for (const each of [key, incomingKey, thumbnailKey, ...strayKeys]) {
      if (each !== undefined) await store.delete(each);
    }
    const endsAt = stateEndsAt(claimed);
    if (!isPast(endsAt, now())) return attachments.reschedule(claimed, endsAt);
    await attachments.remove(claimed._id);
    metrics.count('removed');
  }
}

function isPast(time: number | undefined, now: number): boolean {
  return time !== undefined && time <= now;
}
