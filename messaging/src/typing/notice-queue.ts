import { LIMITS } from '@parley/common';

import type { Timers } from '../log/timers.ts';

/** What may have to wait for its turn. */
interface Queueable {
  readonly userId: string;
  readonly conversationId: string;
  /** Deliveries that it causes, or that it counts as. */
  readonly cost: number;
}

interface NoticeQueueOptions<Notice> {
  /** Sends a notice. A rejection reaches only the caller of a notice that did not wait. */
  readonly send: (notice: Notice) => Promise<void>;
  readonly timers: Pick<Timers, 'after'>;
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
}

interface Waiting<Notice> {
  readonly notice: Notice;
  /** When nobody needs the notice any more (monotonic milliseconds). */
  readonly until: number;
}

/** Milliseconds between two slices. */
const EVERY = 20;
/** Deliveries in one slice: about two milliseconds of a core. */
const SLICE = 200;
/** Notices that wait, of all users and of one. Further ones are dropped. */
const AT_MOST = 5_000;
const OF_ONE = 50;

/**
 * Limits what all users of a node together cause at once, so that a crowd that types delays nobody's messages. What
 * exceeds it waits: users take turns, and a newer notice in the same conversation replaces the older one.
 */
export class NoticeQueue<Notice extends Queueable> {
  readonly #options: NoticeQueueOptions<Notice>;
  /** By user and conversation, in the order of the turns. */
  readonly #waiting = new Map<string, Map<string, Waiting<Notice>>>();
  #size = 0;
  /** Deliveries that are not paid for by the time that has passed. */
  #owed = 0;
  #paidUntil = 0;

  constructor(options: NoticeQueueOptions<Notice>) {
    this.#options = options;
  }

  /** Number of notices that wait. */
  get size(): number {
    return this.#size;
  }

  /** Sends a notice, at once if nobody waits. */
  async add(notice: Notice): Promise<void> {
    if (this.#size === 0 && this.#mayGo()) {
      await this.#send(notice);
      return;
    }
    const { conversationId, userId } = notice;
    const own = this.#waiting.get(userId) ?? new Map<string, Waiting<Notice>>();
    const isNew = !own.has(conversationId);
    if (isNew && (this.#size >= AT_MOST || own.size >= OF_ONE)) return;
    if (this.#size === 0) this.#wake();
    if (isNew) this.#size += 1;
    own.set(conversationId, { notice, until: this.#options.monotonic() + LIMITS.typingEvery });
    this.#waiting.set(userId, own);
  }

  #wake(): void {
    this.#options.timers.after(EVERY, () => this.#sendSlice());
  }

  #sendSlice(): void {
    const now = this.#options.monotonic();
    while (this.#size > 0 && this.#mayGo()) {
      const { notice, until } = this.#take();
      // Nobody waits for its result any more, and like every notice it may be lost.
      if (until >= now) this.#send(notice).catch(() => undefined);
    }
    if (this.#size > 0) this.#wake();
  }

  /** The oldest notice of the user whose turn it is. */
  #take(): Waiting<Notice> {
    const [[userId, own] = []] = this.#waiting;
    const [[conversationId, oldest] = []] = own ?? [];
    if (userId === undefined || own === undefined || oldest === undefined) {
      throw new Error('No notice waits');
    }
    own.delete(conversationId ?? '');
    this.#waiting.delete(userId);
    if (own.size > 0) this.#waiting.set(userId, own);
    this.#size -= 1;
    return oldest;
  }

  #mayGo(): boolean {
    const now = this.#options.monotonic();
    this.#owed = Math.max(0, this.#owed - ((now - this.#paidUntil) * SLICE) / EVERY);
    this.#paidUntil = now;
    return this.#owed < SLICE;
  }

  #send(notice: Notice): Promise<void> {
    this.#owed += notice.cost;
    return this.#options.send(notice);
  }
}
