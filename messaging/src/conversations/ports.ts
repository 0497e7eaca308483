import type { EventName, EventPayload, Message } from '@parley/common/contract';

import type { MessageDocument } from '../log/entry-document.ts';

/** Sends events to sockets on every node. Events are neither stored nor repeated. */
export interface SocketEvents {
  /** To every socket of a user. */
  toUser<Name extends EventName>(userId: string, name: Name, payload: EventPayload<Name>): void;
  /** To every socket in the room of a conversation, except those of the given users. */
  toConversation<Name extends EventName>(
    to: { readonly conversationId: string; readonly exceptUserIds?: readonly string[] },
    name: Name,
    payload: EventPayload<Name>,
  ): void;
}

/** Shows stored messages. */
export interface MessageViews {
  /** Messages of one conversation as a member who joined at `joinedSeq` sees them, in the same order. */
  present(
    documents: readonly MessageDocument[],
    view: { readonly conversationId: string; readonly joinedSeq: number },
  ): Promise<Message[]>;
}
