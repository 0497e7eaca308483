import type { EventName, EventPayload, Message } from '@parley/common/contract';

import type { MessageDocument } from '../log/entry-document.ts';

/** Tells sockets something, on every node. Nothing of it is stored or repeated. */
export interface SocketEvents {
  /** To every device of a person. */
  toUser<Name extends EventName>(userId: string, name: Name, payload: EventPayload<Name>): void;
  /** To everybody in a conversation's room, but for the devices of one person where one is named. */
  toConversation<Name extends EventName>(
    to: { readonly conversationId: string; readonly exceptUserId?: string },
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
