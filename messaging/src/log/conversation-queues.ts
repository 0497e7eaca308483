import { ConversationQueue } from './conversation-queue.ts';

/** Largest number of conversations that are kept in memory. Beyond it, the idle one that was opened first is dropped. */
const QUEUES = 20_000;
const LOOKED_AT = 1_000;

/** The conversation queues of one node. */
export class ConversationQueues {
  readonly #queues = new Map<string, ConversationQueue>();

  /** The queue of a conversation, which is created if it is not there. */
  open(conversationId: string): ConversationQueue {
    const known = this.#queues.get(conversationId);
    if (known !== undefined) return known;
    if (this.#queues.size >= QUEUES) this.#forgetIdle();
    const queue = new ConversationQueue(conversationId);
    this.#queues.set(conversationId, queue);
    return queue;
  }

  find(conversationId: string): ConversationQueue | undefined {
    return this.#queues.get(conversationId);
  }

  all(): Iterable<ConversationQueue> {
    return this.#queues.values();
  }

  #forgetIdle(): void {
    let looked = 0;
    for (const [conversationId, queue] of this.#queues) {
      if (queue.isIdle) {
        this.#queues.delete(conversationId);
        return;
      }
      looked += 1;
      if (looked === LOOKED_AT) return;
    }
  }
}
