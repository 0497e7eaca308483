import type { Conversation, Entry, EventName, EventPayload } from '@parley/common/contract';

import type { EntryDocument } from '../log/entry-document.ts';
import type { EntryEventHeader } from '../transport/cluster/entry-message.ts';
import type { DeliverySocket } from './delivery-socket.ts';
import type { UserRooms } from './user-rooms.ts';

export type { DeliverySocket } from './delivery-socket.ts';

/** The sockets of this node. Nothing here reaches another node. */
export interface LocalSockets {
  /** Sockets of a user on this node. */
  ofUser(userId: string): readonly DeliverySocket[];
  /** Which of them are in the rooms of which conversations. */
  readonly rooms: UserRooms;
  /** Sends an entry to the sockets of this node in the conversation's room, except one. */
  emitEntry(entry: Entry, exceptSocketId: string | undefined): void;
  emit<Name extends EventName>(
    socket: DeliverySocket,
    name: Name,
    payload: EventPayload<Name>,
  ): void;
}

/** Entries that nodes publish to each other. A cluster event may be late, duplicated or lost. */
export interface EntryEvents {
  /** Publishes entries of one conversation, in the order of `seq`. */
  publish(documents: readonly EntryDocument[]): void;
  /**
   * `from` is the node that committed the entries; absent if it is not known. What does not concern this node is not
   * decoded, if that can be told.
   */
  subscribe(
    listener: (documents: readonly EntryDocument[], from?: string) => void,
    concerns: (header: EntryEventHeader) => boolean,
  ): void;
}

/** Shows a conversation to one of its members. */
export interface ConversationPresenter {
  present(conversationId: string, userId: string): Promise<Conversation>;
}

/** What plain sockets are sent live, and what must be replayed to them first. */
export interface PlainSockets {
  /** Begins to send what the session has not acknowledged. */
  begin(socket: DeliverySocket): void;
  /** Whether a socket may enter the room of a conversation now: no replay of it is to be done before. */
  admit(socket: DeliverySocket, conversationId: string): boolean;
  /** Replays one conversation again: from after `seq`, or from the session's cursor. */
  restart(socket: DeliverySocket, conversationId: string, seq?: number): void;
  /** Stops the replay of a conversation that the socket has left. */
  forget(socket: DeliverySocket, conversationId: string): void;
  end(socket: DeliverySocket): void;
}
