import type { EventName, EventPayload } from '@parley/common/contract';

import type { SocketEvents } from '../../conversations/ports.ts';
import type { SocketServer } from '../server/socket.ts';
import { conversationRoom, userRoom } from './names.ts';

/** Sends events to sockets of every node, through the adapter. */
export function socketEvents(io: SocketServer): SocketEvents {
  const emit = <Name extends EventName>(
    rooms: ReturnType<SocketServer['to']>,
    name: Name,
    payload: EventPayload<Name>,
  ) => {
    (rooms.emit.bind(rooms) as (event: Name, given: EventPayload<Name>) => boolean)(name, payload);
  };
  return {
    toUser: (userId, name, payload) => emit(io.to(userRoom(userId)), name, payload),
    toConversation({ conversationId, exceptUserIds = [] }, name, payload) {
      const room = io.to(conversationRoom(conversationId));
      emit(
        exceptUserIds.length === 0 ? room : room.except(exceptUserIds.map(userRoom)),
        name,
        payload,
      );
    },
  };
}
