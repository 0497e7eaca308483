import type { EntryDocument } from '../../log/entry-document.ts';
import {
  encodeEvent,
  encodeMessage,
  readMessage,
  type EncodedEvent,
  type EntryEventHeader,
} from './entry-message.ts';

interface EntryChannelDeps {
  readonly nodeId: string;
  /** Publishes to all nodes, this one included. Never throws: a message may be lost. */
  readonly publish: (message: string) => void;
  /** Called with what cannot be read, and with what a listener throws. */
  readonly onFault: (error: unknown) => void;
}

/** What a node does with the entries that other nodes have committed. */
export interface EntryListener {
  /** Whether the entries concern users of this node. If not, they are not decoded. */
  concerns(header: EntryEventHeader): boolean;
  received(documents: readonly EntryDocument[], from: string): void;
}

/** UTF-16 code units of events from which on they are published at once. */
const LARGE = 256 * 1_024;

/**
 * The Redis channel of committed entries. All nodes get all messages, and a node decodes only what concerns its users.
 * A message may be late, duplicated or lost.
 */
export class EntryChannel {
  readonly #deps: EntryChannelDeps;
  #listener: EntryListener | undefined;
  #events: EncodedEvent[] = [];
  #length = 0;

  constructor(deps: EntryChannelDeps) {
    this.#deps = deps;
  }

  /** Entries of other nodes that arrive before are ignored. */
  subscribe(listener: EntryListener): void {
    this.#listener = listener;
  }

  /**
   * Publishes entries of one conversation to the other nodes, before anybody who waits for their commit goes on. Those
   * of one group commit share a message, which costs Redis and every node less than one for each conversation.
   */
  publish(documents: readonly EntryDocument[]): void {
    const event = encodeEvent(documents);
    if (this.#events.length === 0) queueMicrotask(() => this.#flush());
    this.#events.push(event);
    this.#length += event.entries.length;
    if (this.#length >= LARGE) this.#flush();
  }

  /** Call it with each message of the channel, of any node. */
  received(message: Buffer): void {
    const { nodeId: self, onFault } = this.#deps;
    const listener = this.#listener;
    if (listener === undefined) return;
    let from = '';
    try {
      readMessage(message, {
        sender: (nodeId) => (from = nodeId) !== self,
        event: (header, decode) => {
          try {
            if (listener.concerns(header)) listener.received(decode(), from);
          } catch (error) {
            // The other events of the message can still be read.
            onFault(error);
          }
        },
      });
    } catch (error) {
      onFault(error);
    }
  }

  #flush(): void {
    if (this.#events.length === 0) return;
    const message = encodeMessage(this.#deps.nodeId, this.#events);
    this.#events = [];
    this.#length = 0;
    this.#deps.publish(message);
  }
}
