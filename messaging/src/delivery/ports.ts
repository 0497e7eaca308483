import type { Conversation, Entry, EventName, EventPayload } from '@parley/common/contract';

import type { EntryDocument } from '../log/entry-document.ts';

/** A socket of this node, as delivery sees it. */
export interface DeliverySocket {
  readonly id: string;
  readonly data: {
    readonly caller: { readonly userId: string; readonly sessionId: string };
    readonly mode: 'heads' | 'plain';
  };
  join(room: string): unknown;
  leave(room: string): unknown;
  readonly connected: boolean;
  readonly rooms: ReadonlySet<string>;
}

/** What this node can say to its own sockets. Nothing here crosses to another node. */
export interface LocalSockets {
  /** Sockets of a person on this node. */
  ofUser(userId: string): readonly DeliverySocket[];
  /** Sockets of this node in a conversation's room. */
  inConversation(conversationId: string): readonly DeliverySocket[];
  hasConversation(conversationId: string): boolean;
  /** Conversations in whose rooms a socket stands. */
  conversationsOf(socket: DeliverySocket): readonly string[];
  /** To everybody of this node in the conversation's room but one socket. */
  emitEntry(entry: Entry, exceptSocketId: string | undefined): void;
  emit<Name extends EventName>(
    socket: DeliverySocket,
    name: Name,
    payload: EventPayload<Name>,
  ): void;
  /** Room of a conversation. */
  room(conversationId: string): string;
}

/** Entries told between nodes. A cluster event may be late, doubled or lost. */
export interface EntryEvents {
  publish(documents: readonly EntryDocument[]): void;
  subscribe(listener: (documents: readonly EntryDocument[]) => void): void;
}

/** How a conversation looks to one of its members. */
export interface ConversationPresenter {
  present(conversationId: string, userId: string): Promise<Conversation>;
}

/** What plain sockets need, which get their missed entries pushed. */
export interface PlainSockets {
  /** Begins to push what the session has not acknowledged. */
  begin(socket: DeliverySocket): void;
  /** A conversation that the socket joins right now; `false` while its replay will reach it anyway. */
  admit(socket: DeliverySocket, conversationId: string): boolean;
  /** Pushes one conversation again: from after `seq`, or from where the session's cursor stands. */
  restart(socket: DeliverySocket, conversationId: string, seq?: number): void;
  /** The socket has left a conversation. */
  forget(socket: DeliverySocket, conversationId: string): void;
  end(socket: DeliverySocket): void;
}
