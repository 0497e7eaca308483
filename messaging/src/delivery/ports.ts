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

/** The sockets of this node. Nothing here reaches another node. */
export interface LocalSockets {
  /** Sockets of a user on this node. */
  ofUser(userId: string): readonly DeliverySocket[];
  /** Sockets of this node in a conversation's room. */
  inConversation(conversationId: string): readonly DeliverySocket[];
  hasConversation(conversationId: string): boolean;
  /** Conversations whose rooms a socket is in. */
  conversationsOf(socket: DeliverySocket): readonly string[];
  /** Sends an entry to the sockets of this node in the conversation's room, except one. */
  emitEntry(entry: Entry, exceptSocketId: string | undefined): void;
  emit<Name extends EventName>(
    socket: DeliverySocket,
    name: Name,
    payload: EventPayload<Name>,
  ): void;
  /** Room of a conversation. */
  room(conversationId: string): string;
}

/** Entries that nodes publish to each other. A cluster event may be late, duplicated or lost. */
export interface EntryEvents {
  publish(documents: readonly EntryDocument[]): void;
  /** `from` is the node that committed the entries; absent if it is not known. */
  subscribe(listener: (documents: readonly EntryDocument[], from?: string) => void): void;
}

/** Shows a conversation to one of its members. */
export interface ConversationPresenter {
  present(conversationId: string, userId: string): Promise<Conversation>;
}

/** What plain sockets are sent live, and what must be replayed to them first. */
export interface PlainSockets {
  /** Begins to send what the session has not acknowledged. */
  begin(socket: DeliverySocket): void;
  /** Makes a conversation live for the socket, which joins its room now. Returns `false` while its replay is not done. */
  admit(socket: DeliverySocket, conversationId: string): boolean;
  /** Replays one conversation again: from after `seq`, or from the session's cursor. */
  restart(socket: DeliverySocket, conversationId: string, seq?: number): void;
  /** Stops the replay of a conversation that the socket has left. */
  forget(socket: DeliverySocket, conversationId: string): void;
  end(socket: DeliverySocket): void;
}
