import { MINUTE, SECOND } from '@parley/common';

import type { AttachmentDocument } from './attachment-document.ts';
import type { Desk } from './desk.ts';
import type { AttachmentGround } from './ports.ts';
import { leftoversEndAt, nextDueAt, stateEndsAt } from './schedule.ts';
import type { Thumbnails } from './thumbnails.ts';

interface SweeperDeps extends AttachmentGround {
  readonly desk: Pick<Desk, 'messageOf' | 'recordSent'>;
  readonly thumbnails: Thumbnails | undefined;
}

const EVERY = 30 * SECOND;
/** Milliseconds for which what one node has taken is left alone by the others; after that it is taken again. */
const TAKEN = 2 * MINUTE;
/** Attachments of one sweep at most. */
const AT_ONCE = 500;

/**
 * Ends what nobody ends, and removes what is over: out of the store at once, again when nothing can arrive there any
 * more, and then out of the database. Any node may run it, several at a time; whatever is cut off is done again.
 */
export class Sweeper {
  readonly #deps: SweeperDeps;
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> | undefined;
  #isNudged = false;
  #isStopped = false;

  constructor(deps: SweeperDeps) {
    this.#deps = deps;
  }

  /** Begins to look for what is due, every 30 s. */
  start(): void {
    this.#timer = setInterval(() => this.nudge(), EVERY).unref();
  }

  /** Looks for what is due now. */
  nudge(): void {
    this.#isNudged = true;
    this.#sweeping ??= this.#sweepOn().finally(() => (this.#sweeping = undefined));
  }

  /** Resolves when no sweep is under way. */
  async idle(): Promise<void> {
    await this.#sweeping;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#isStopped = true;
    await this.#sweeping;
  }

  /** Does what is due, as far as the store and the database answer. */
  async sweep(): Promise<void> {
    const { attachments, now } = this.#deps;
    for (let count = 0; count < AT_ONCE && !this.#isStopped; count += 1) {
      const taken = await attachments.takeDue(now(), now() + TAKEN);
      if (taken === null) return;
      await this.#look(taken);
    }
  }

  async #sweepOn(): Promise<void> {
    while (this.#isNudged && !this.#isStopped) {
      this.#isNudged = false;
      try {
        await this.sweep();
      } catch (error) {
        this.#deps.onFault('Attachments could not be cleared away yet', error);
      }
    }
  }

  async #look(taken: AttachmentDocument): Promise<void> {
    const { attachments, now, thumbnails } = this.#deps;
    if (taken.state === 'doomed') return this.#bury(taken);
    if (isPast(stateEndsAt(taken), now())) return this.#end(taken);
    let present = taken;
    if (isPast(leftoversEndAt(taken), now())) present = await this.#clearLeftovers(taken);
    if (present.thumbnail === 'due') thumbnails?.enqueue(present);
    await attachments.reschedule(taken, nextDueAt(present, now()));
  }

  /** Its time is up: it is over, unless the log has a message that carries it. */
  async #end(taken: AttachmentDocument): Promise<void> {
    const { attachments, desk, now } = this.#deps;
    if (taken.state !== 'reserved') {
      await attachments.doom(taken._id, [taken.state], now());
      return;
    }
    const message = await desk.messageOf(taken);
    if (message === null) await attachments.doomReserved(taken, now());
    else await desk.recordSent(taken._id, message);
  }

  async #clearLeftovers(taken: AttachmentDocument): Promise<AttachmentDocument> {
    const { attachments, store } = this.#deps;
    const { incomingKey, strayKeys = [], ...rest } = taken;
    for (const key of [incomingKey, ...strayKeys]) if (key !== undefined) await store.delete(key);
    await attachments.forgetLeftovers(taken._id);
    return rest;
  }

  async #bury(taken: AttachmentDocument): Promise<void> {
    const { attachments, metrics, now, store } = this.#deps;
    const { incomingKey, key, strayKeys = [], thumbnailKey, uploadId } = taken;
    if (key !== undefined && uploadId !== undefined) await store.abortMultipart({ key, uploadId });
    for (const each of [key, incomingKey, thumbnailKey, ...strayKeys]) {
      if (each !== undefined) await store.delete(each);
    }
    const endsAt = stateEndsAt(taken);
    if (!isPast(endsAt, now())) return attachments.reschedule(taken, endsAt);
    await attachments.remove(taken._id);
    metrics.count('removed');
  }
}

function isPast(time: number | undefined, now: number): boolean {
  return time !== undefined && time <= now;
}
