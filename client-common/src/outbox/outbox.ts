import type { Connection } from '../core/connection.ts';
import { Emitter } from '../core/emitter.ts';
import { OutboxQueue, type OutboxEvents, type OutboxQueueDeps } from './outbox-queue.ts';
import type { OutboxStorage } from './outbox-storage.ts';

export interface OutboxDeps extends OutboxQueueDeps {
  readonly connection: Pick<Connection, 'isOnline' | 'server'>;
  readonly outboxStorage: Pick<OutboxStorage, 'close' | 'remove' | 'save' | 'takeOver'>;
}

/** The messages of all conversations that are to be sent. */
export class Outbox {
  readonly events = new Emitter<OutboxEvents>();
  readonly #deps: OutboxDeps;
  readonly #queues = new Map<string, OutboxQueue>();

  constructor(deps: OutboxDeps) {
    this.#deps = deps;
    deps.connection.server.on('ready', () => {
      for (const queue of this.#queues.values()) queue.resume();
    });
  }

  /** The queue of a conversation; always the same object. */
  queue(conversationId: string): OutboxQueue {
    let queue = this.#queues.get(conversationId);
    if (!queue) {
      queue = new OutboxQueue(conversationId, this.#deps, this.events);
      this.#queues.set(conversationId, queue);
    }
    return queue;
  }

  /** Lets another client take over what is not sent. */
  close(): void {
    this.#deps.outboxStorage.close();
  }

  /** Takes over what closed tabs and earlier runs left. Resolves when what is free is taken over. */
  takeOver(userId: string): Promise<void> {
    return this.#deps.outboxStorage.takeOver(userId, (messages) => {
      for (const { conversationId } of messages) this.queue(conversationId).adopt(messages);
    });
  }
}
