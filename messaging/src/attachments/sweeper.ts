import { Periodic, type ObjectStore, type PeriodicMetrics } from '@parley/backend-common';
import { SECOND, type Now } from '@parley/common';

import type { ReportFault } from '../faults.ts';
import { DELETING, type AttachmentDocument } from './attachment-document.ts';
import type { AttachmentMetrics } from './attachment-metrics.ts';
import type { AttachmentRepository } from './attachment-repository.ts';
import type { AttachmentReservations } from './attachment-reservations.ts';
import { leftoversEndAt, nextDueAt, stateEndsAt } from './schedule.ts';
import type { DueAttachment, SweepRepository } from './sweep-repository.ts';
import type { Thumbnails } from './thumbnails.ts';

interface AttachmentSweeperDeps {
  readonly attachments: Pick<AttachmentRepository, 'startDeleting' | 'startDeletingReserved'>;
  readonly due: SweepRepository;
  readonly reservations: Pick<AttachmentReservations, 'findMessage' | 'recordSent'>;
  readonly store: Pick<ObjectStore, 'abortMultipart' | 'delete'>;
  /** Absent: this node makes no thumbnails. */
  readonly thumbnails: Pick<Thumbnails, 'enqueue'> | undefined;
  readonly metrics: Pick<AttachmentMetrics, 'count'>;
  readonly periodicMetrics: Pick<PeriodicMetrics, 'observe' | 'register'>;
  readonly now: Now;
  readonly reportFault: ReportFault;
}

const EVERY = 30 * SECOND;
/** Attachments of one sweep at most. */
const PER_SWEEP = 500;

/**
 * Expires unfinished uploads and unsent attachments, and purges deleted ones: from the store at once, a second time when
 * no upload can write there any more, then from the database. Every node runs it; interrupted work is done again.
 */
export class AttachmentSweeper {
  readonly #deps: AttachmentSweeperDeps;
  readonly #sweeps: Periodic;

  constructor(deps: AttachmentSweeperDeps) {
    this.#deps = deps;
    this.#sweeps = new Periodic({
      name: 'attachment_sweep',
      every: EVERY,
      run: (signal) => this.#sweep(signal),
      metrics: deps.periodicMetrics,
      onFault: (error) => deps.reportFault('attachment_sweep_failed', error),
    });
  }

  /** Sweeps every 30 s from now on. */
  start(): void {
    this.#sweeps.start();
  }

  /** Sweeps now, or once more after the sweep in progress. */
  wake(): void {
    this.#sweeps.wake();
  }

  /** Sweeps now, or joins the sweep in progress; resolves when it ends, and never rejects. */
  sweepNow(): Promise<void> {
    return this.#sweeps.runNow();
  }

  /** Waits for the attachment in progress. */
  stop(): Promise<void> {
    return this.#sweeps.stop();
  }

  async #sweep(signal: AbortSignal): Promise<void> {
    for (let count = 0; count < PER_SWEEP && !signal.aborted; count += 1) {
      const claimed = await this.#deps.due.claim();
      if (claimed === null) return;
      await this.#handle(claimed);
    }
  }

  async #handle(claimed: DueAttachment): Promise<void> {
    const { due, now, thumbnails } = this.#deps;
    const { document } = claimed;
    if (document.state === DELETING) return this.#purge(claimed);
    if (isPast(stateEndsAt(document), now())) return this.#expire(document);
    let current = document;
    if (isPast(leftoversEndAt(document), now())) current = await this.#removeLeftovers(claimed);
    if (current.thumbnail === 'due') thumbnails?.enqueue(current);
    await due.reschedule(claimed, nextDueAt(current, now()));
  }

  /** Starts the deletion, unless the log has a message with the attachment. */
  async #expire(expired: AttachmentDocument): Promise<void> {
    const { attachments, now, reservations } = this.#deps;
    if (expired.state !== 'reserved') {
      await attachments.startDeleting(expired._id, [expired.state], now());
      return;
    }
    const message = await reservations.findMessage(expired);
    if (message === null) await attachments.startDeletingReserved(expired, now());
    else await reservations.recordSent(expired._id, message);
  }

  async #removeLeftovers(claimed: DueAttachment): Promise<AttachmentDocument> {
    const { due, store } = this.#deps;
    const { incomingKey, strayKeys = [], ...rest } = claimed.document;
    for (const key of [incomingKey, ...strayKeys]) if (key !== undefined) await store.delete(key);
    await due.forgetLeftovers(claimed);
    return rest;
  }

  async #purge(claimed: DueAttachment): Promise<void> {
    const { due, metrics, now, store } = this.#deps;
    const { incomingKey, key, strayKeys = [], thumbnailKey, uploadId } = claimed.document;
    if (key !== undefined && uploadId !== undefined) await store.abortMultipart({ key, uploadId });
    for (const each of [key, incomingKey, thumbnailKey, ...strayKeys]) {
      if (each !== undefined) await store.delete(each);
    }
    const endsAt = stateEndsAt(claimed.document);
    if (!isPast(endsAt, now())) return due.reschedule(claimed, endsAt);
    if (await due.remove(claimed)) metrics.count('removed');
  }
}

function isPast(time: number | undefined, now: number): boolean {
  return time !== undefined && time <= now;
}
