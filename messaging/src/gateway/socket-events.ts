import type { SocketEvents } from '../conversations/ports.ts';
import type { GatewayServer } from './gateway-socket.ts';
import { conversationRoom, userRoom } from './rooms.ts';

/** Tells sockets something on every node. */
export function socketEvents(io: GatewayServer): SocketEvents {
  type Emit = (event: string, payload: unknown) => boolean;
  return {
    toUser(userId, name, payload) {
      const to = io.to(userRoom(userId));
      (to.emit.bind(to) as Emit)(name, payload);
    },
    toConversation({ conversationId, exceptUserId }, name, payload) {
      const all = io.to(conversationRoom(conversationId));
      const to = exceptUserId === undefined ? all : all.except(userRoom(exceptUserId));
      (to.emit.bind(to) as Emit)(name, payload);
    },
  };
}
