import type { AppError } from '@parley/common';

import type { Context } from '../context.ts';
import type { Conversation } from '../conversations/conversation.ts';

/** Milliseconds that reasons to ask gather, and between two questions about one conversation. */
const GATHER = 50;
const PAUSE = 300;

export type RefresherContext = Pick<Context, 'runtime' | 'requests' | 'connection' | 'sync'>;

/** Asks for conversations again of which something came that only the server can explain. */
export class Refresher {
  readonly #context: RefresherContext;
  readonly #waiting = new Set<Conversation>();
  readonly #asking = new Map<Conversation, Promise<void>>();

  constructor(context: RefresherContext) {
    this.#context = context;
  }

  /** Asks soon, once for many reasons. */
  soon(conversation: Conversation): void {
    this.#later(conversation, GATHER);
  }

  /** Asks now; an answer that is on its way already may be too old. Rejects with an `AppError`. */
  async now(conversation: Conversation): Promise<void> {
    const before = this.#asking.get(conversation)?.catch(() => undefined) ?? Promise.resolve();
    const asking = before.then(() => this.#ask(conversation));
    this.#asking.set(conversation, asking);
    try {
      await asking;
    } finally {
      if (this.#asking.get(conversation) === asking) this.#asking.delete(conversation);
    }
  }

  /** There is a connection again, after timers may have been cancelled. */
  resume(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const conversation of waiting) this.soon(conversation);
  }

  #later(conversation: Conversation, ms: number): void {
    if (this.#waiting.has(conversation)) return;
    this.#waiting.add(conversation);
    this.#context.runtime.delay(ms, () => void this.#due(conversation));
  }

  async #due(conversation: Conversation): Promise<void> {
    if (!this.#context.connection.isOnline) return;
    try {
      await this.now(conversation);
    } catch {
      // The comparison of heads on the next connection finds what is missing.
    }
    // Reasons that come while this one is fresh wait, so that no two sides can drive each other.
    await this.#context.runtime.pause(PAUSE);
    this.#waiting.delete(conversation);
    if (conversation.state?.isStale) this.soon(conversation);
  }

  async #ask(conversation: Conversation): Promise<void> {
    try {
      const input = { conversationId: conversation.id };
      this.#context.sync.take(await this.#context.requests.call('conversation:get', input));
    } catch (thrown) {
      if ((thrown as AppError).code === 'not_found') conversation.remove();
      throw thrown;
    }
  }
}
