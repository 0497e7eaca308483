import { ConversationQueue } from './conversation-queue.ts';

/** Bytes that conversations without waiting entries may need: 80,000 of two members, or 400 of 1,000 members. */
const ROOM = 128 * 1024 ** 2;
const LOOKED_AT = 1_000;

/**
 * The conversation queues of one node. When their states exceed the memory for them, idle queues are dropped that were not
 * used for the longest time. The state of a dropped queue is read from the log again.
 */
export class ConversationQueues {
  readonly #queues = new Map<string, ConversationQueue>();
  readonly #room: number;
  #bytes = 0;

  /** @param room - bytes for conversations without waiting entries */
  constructor(room = ROOM) {
    this.#room = room;
  }

  /** About how much memory the queues need, without waiting entries. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The queue of a conversation, which is created if it is not there. */
  open(conversationId: string): ConversationQueue {
    const known = this.#queues.get(conversationId);
    if (known !== undefined) {
      known.isUsed = true;
      return known;
    }
    this.#dropIdle();
    const queue = new ConversationQueue(conversationId, (bytes) => {
      if (this.#queues.get(conversationId) === queue) this.#bytes += bytes;
    });
    this.#bytes += queue.bytes;
    this.#queues.set(conversationId, queue);
    return queue;
  }

  find(conversationId: string): ConversationQueue | undefined {
    return this.#queues.get(conversationId);
  }

  all(): Iterable<ConversationQueue> {
    return this.#queues.values();
  }

  /** Second-chance replacement: examines queues in the order of the last examination, and spares those used since then. */
  #dropIdle(): void {
    let looked = 0;
    for (const [conversationId, queue] of this.#queues) {
      if (this.#bytes < this.#room || looked === LOOKED_AT) return;
      looked += 1;
      this.#queues.delete(conversationId);
      if (queue.isUsed || !queue.isIdle) {
        queue.isUsed = false;
        this.#queues.set(conversationId, queue);
      } else {
        this.#bytes -= queue.bytes;
      }
    }
  }
}
