import type { MessageItem } from '@parley/client-common';

/** The message that is replied to in each conversation, kept while other conversations are open. */
export class ReplyTargets {
  readonly #items = new Map<string, MessageItem>();

  get(conversationId: string): MessageItem | null {
    return this.#items.get(conversationId) ?? null;
  }

  set(conversationId: string, item: MessageItem | null): void {
    if (item === null) this.#items.delete(conversationId);
    else this.#items.set(conversationId, item);
  }
}
