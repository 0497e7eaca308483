import type { UserRooms } from '../../delivery/user-rooms.ts';
import type { SocketServer } from '../server/socket.ts';
import { conversationOf } from './names.ts';

interface Selection {
  readonly rooms: ReadonlySet<string>;
}

/** The methods of an adapter that look up rooms, of which Socket.IO declares none. */
interface RoomLookup {
  apply: (selected: Selection, callback: (socket: unknown) => void) => void;
  /** Of the adapter for several nodes only: whether it decodes what others send to a room. */
  hasRoom?: (room: string) => boolean;
}

/**
 * Makes the adapter find the rooms of conversations in `rooms`, where sockets are in thousands of them without an entry
 * for each. The other rooms stay in the adapter.
 */
export function lookUpConversations(io: SocketServer, rooms: UserRooms): void {
  const adapter = io.sockets.adapter as unknown as RoomLookup;
  const { apply, hasRoom } = adapter;
  const socketsOf = (room: string) => {
    const conversationId = conversationOf(room);
    if (conversationId === undefined) return [room];
    return rooms.socketsIn(conversationId).map(({ id }) => id);
  };
  adapter.apply = (selected, callback) => {
    const isEverybody = selected.rooms.size === 0;
    const found = new Set([...selected.rooms].flatMap(socketsOf));
    // An empty selection would mean every socket.
    if (found.size > 0 || isEverybody) apply.call(adapter, { ...selected, rooms: found }, callback);
  };
  if (hasRoom === undefined) return;
  adapter.hasRoom = (room) => {
    const conversationId = conversationOf(room);
    if (conversationId === undefined) return hasRoom.call(adapter, room);
    return rooms.hasUsers(conversationId);
  };
}
