import type { EventName, EventPayload, Message, Receipt } from '@parley/common/contract';

import type { EntryDocument, MessageDocument } from '../log/entry-document.ts';

/** Tells sockets something, on every node. Nothing of it is stored or repeated. */
export interface SocketEvents {
  /** To every device of a person. */
  toUser<Name extends EventName>(userId: string, name: Name, payload: EventPayload<Name>): void;
  /** To everybody in a conversation's room, but for the devices of the people named. */
  toConversation<Name extends EventName>(
    to: { readonly conversationId: string; readonly exceptUserIds?: readonly string[] },
    name: Name,
    payload: EventPayload<Name>,
  ): void;
}

/** Shows stored messages. */
export interface MessageViews {
  /** Messages of one conversation as a member who joined at `joinedSeq` sees them, in the order given. */
  present(
    documents: readonly MessageDocument[],
    view: { readonly conversationId: string; readonly joinedSeq: number },
  ): Promise<Message[]>;
}

/** Told of what this node acknowledges. It stands on the way of every message: it only takes note. */
export interface Followers {
  /** An entry of this node was committed. */
  sent(document: EntryDocument): void;
  /** A mark was raised. */
  raised(receipt: Receipt): void;
  /** Somebody has read everything up to `seq`, in this session. */
  read(read: {
    readonly userId: string;
    readonly conversationId: string;
    readonly seq: number;
    readonly sessionId: string;
  }): void;
}
