import { CLIENT_LIMITS } from '@parley/common';
import type { EventPayload } from '@parley/common/contract';

import type { Connection } from '../core/connection.ts';
import type { Cancel, Runtime } from '../core/runtime.ts';

/** Milliseconds without a key press after which a user counts as having stopped. */
const IDLE = 5_000;

export interface TypingDeps {
  readonly conversationId: string;
  readonly runtime: Pick<Runtime, 'delay' | 'deviceNow'>;
  readonly connection: Pick<Connection, 'emit'>;
  /** Called when another user begins or stops typing. */
  readonly changed: () => void;
}

/** Who types in a conversation: the other users, and this one as it was reported to the server. */
export class Typing {
  readonly #deps: TypingDeps;
  readonly #others = new Map<string, Cancel>();
  #userIds: readonly string[] = [];
  /** When the server was notified last, by the device's clock; 0 once it knows that this user stopped. */
  #sentAt = 0;
  #idle: Cancel = () => undefined;

  constructor(deps: TypingDeps) {
    this.#deps = deps;
  }

  /** The other users who type now; the same list until it changes. */
  get userIds(): readonly string[] {
    return this.#userIds;
  }

  receive({ userId, typing, expiresInMs }: EventPayload<'typing'>): void {
    const expire = () => this.stopped(userId);
    this.#others.get(userId)?.();
    if (typing) this.#others.set(userId, this.#deps.runtime.delay(expiresInMs, expire));
    else this.#others.delete(userId);
    this.#update();
  }

  /** Another user stopped, or sent the message. */
  stopped(userId: string): void {
    this.#others.get(userId)?.();
    if (this.#others.delete(userId)) this.#update();
  }

  /** Without a connection no event says that the others have stopped. */
  lost(): void {
    for (const userId of [...this.#others.keys()]) this.stopped(userId);
    this.#sentAt = 0;
  }

  /** This user types (a key press) or stopped. Sent at most as often as the contract allows. */
  set(isTyping: boolean): void {
    const { runtime } = this.#deps;
    this.#idle();
    if (!isTyping) {
      if (this.#sentAt) this.#send(false);
      this.#sentAt = 0;
      return;
    }
    this.#idle = runtime.delay(IDLE, () => this.set(false));
    const now = runtime.deviceNow();
    if (Math.abs(now - this.#sentAt) < CLIENT_LIMITS.typingEvery) return;
    this.#sentAt = now;
    this.#send(true);
  }

  /** The message was sent: that ends the typing for everybody, without an event. */
  sent(): void {
    this.#idle();
    this.#sentAt = 0;
  }

  #send(typing: boolean): void {
    const { connection, conversationId } = this.#deps;
    connection.emit('typing', { conversationId, typing });
  }

  #update(): void {
    this.#userIds = [...this.#others.keys()];
    this.#deps.changed();
  }
}
