import type { DeliverySocket, LocalSockets } from '../../delivery/ports.ts';
import type { SocketServer } from '../server/socket.ts';
import type { SocketRegistry } from '../server/socket-registry.ts';
import type { Tuning } from '../tuning/tuning.ts';
import { conversationOf, conversationRoom } from './names.ts';

interface LocalSocketsDeps {
  readonly io: SocketServer;
  readonly registry: SocketRegistry;
  readonly tuning: Pick<Tuning, 'broadcastEntry'>;
}

/** The sockets of this node, as delivery needs them. Nothing here reaches another node. */
export function localSockets({ io, registry, tuning }: LocalSocketsDeps): LocalSockets {
  const { sockets } = io;
  const membersOf = (conversationId: string) =>
    sockets.adapter.rooms.get(conversationRoom(conversationId));
  return {
    ofUser: (userId) => registry.ofUser(userId),
    inConversation: (conversationId) =>
      [...(membersOf(conversationId) ?? [])].flatMap((id) => sockets.sockets.get(id) ?? []),
    hasConversation: (conversationId) => membersOf(conversationId) !== undefined,
    conversationsOf: ({ rooms }) => [...rooms].flatMap((room) => conversationOf(room) ?? []),
    emitEntry: (entry, exceptSocketId) => tuning.broadcastEntry(io, entry, exceptSocketId),
    emit(socket: DeliverySocket, name, payload) {
      const known = sockets.sockets.get(socket.id);
      const emit = known?.emit.bind(known) as ((event: string, given: unknown) => void) | undefined;
      emit?.(name, payload);
    },
    room: conversationRoom,
  };
}
