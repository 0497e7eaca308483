import { LIMITS } from '@parley/common';
import type { EventPayload } from '@parley/common/contract';

import type { Context } from '../context.ts';
import type { Cancel } from '../runtime.ts';

/** Milliseconds without a key press after which a person counts as having stopped. */
const IDLE = 5_000;

export type TypingContext = Pick<Context, 'runtime' | 'requests'>;

/** The conversation that people write in. */
export interface TypingOwner {
  readonly id: string;
  /** Other people began or stopped writing. */
  changed(): void;
}

/** Who writes in a conversation: others, as heard, and oneself, as told. */
export class Typing {
  readonly #context: TypingContext;
  readonly #owner: TypingOwner;
  readonly #others = new Map<string, Cancel>();
  #userIds: readonly string[] = [];
  #toldAt: number | null = null;
  #idle: Cancel = () => undefined;

  constructor(context: TypingContext, owner: TypingOwner) {
    this.#context = context;
    this.#owner = owner;
  }

  /** The others who write now; the same list until it changes. */
  get userIds(): readonly string[] {
    return this.#userIds;
  }

  heard({ userId, typing, expiresInMs }: EventPayload<'typing'>): void {
    this.#others.get(userId)?.();
    this.#others.delete(userId);
    if (typing) {
      const expire = () => this.stopped(userId);
      this.#others.set(userId, this.#context.runtime.delay(expiresInMs, expire));
    }
    this.#update();
  }

  /** Somebody stopped, or sent the message. */
  stopped(userId: string): void {
    this.#others.get(userId)?.();
    if (this.#others.delete(userId)) this.#update();
  }

  /** The connection broke: nobody would tell that they stopped. */
  lost(): void {
    for (const userId of [...this.#others.keys()]) this.stopped(userId);
    this.#toldAt = null;
  }

  /** This person writes (a key press) or stopped. Told at most as often as the contract says. */
  tell(state: 'typing' | 'stopped'): void {
    const { runtime } = this.#context;
    this.#idle();
    if (state === 'stopped') {
      if (this.#toldAt !== null) this.#send(false);
      this.#toldAt = null;
      return;
    }
    this.#idle = runtime.delay(IDLE, () => this.tell('stopped'));
    const now = runtime.platform.now();
    if (this.#toldAt !== null && Math.abs(now - this.#toldAt) < LIMITS.typingEvery) return;
    this.#toldAt = now;
    this.#send(true);
  }

  /** The message went out: everybody sees it and expects no more. */
  sent(): void {
    this.#idle();
    this.#toldAt = null;
  }

  #send(typing: boolean): void {
    this.#context.requests.tell('typing', { conversationId: this.#owner.id, typing });
  }

  #update(): void {
    this.#userIds = [...this.#others.keys()];
    this.#owner.changed();
  }
}
