import type { DeliverySocket, LocalSockets } from '../delivery/ports.ts';
import type { GatewayServer } from './gateway-socket.ts';
import { conversationOf, conversationRoom } from './rooms.ts';
import type { SocketRegistry } from './socket-registry.ts';

/** The sockets of this node, as delivery needs them. Nothing here crosses to another node. */
export function localSockets(io: GatewayServer, registry: SocketRegistry): LocalSockets {
  const { sockets } = io;
  const membersOf = (conversationId: string) =>
    sockets.adapter.rooms.get(conversationRoom(conversationId));
  return {
    ofUser: (userId) => registry.ofUser(userId),
    inConversation: (conversationId) =>
      [...(membersOf(conversationId) ?? [])].flatMap((id) => sockets.sockets.get(id) ?? []),
    hasConversation: (conversationId) => membersOf(conversationId) !== undefined,
    conversationsOf: ({ rooms }) => [...rooms].flatMap((room) => conversationOf(room) ?? []),
    emitEntry(entry, exceptSocketId) {
      const room = io.local.to(conversationRoom(entry.conversationId));
      (exceptSocketId === undefined ? room : room.except(exceptSocketId)).emit('entry', entry);
    },
    emit(socket: DeliverySocket, name, payload) {
      const known = sockets.sockets.get(socket.id);
      const emit = known?.emit.bind(known) as ((event: string, given: unknown) => void) | undefined;
      emit?.(name, payload);
    },
    room: conversationRoom,
  };
}
