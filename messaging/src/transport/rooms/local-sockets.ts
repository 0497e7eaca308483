import type { DeliverySocket, LocalSockets } from '../../delivery/ports.ts';
import type { SocketServer } from '../server/socket.ts';
import { conversationOf, conversationRoom } from './names.ts';
import type { SocketRegistry } from '../server/socket-registry.ts';

/** An event, as the Socket.IO protocol numbers its packets. */
const EVENT = 2;
const LOCAL = { local: true };

/** The sockets of this node, as delivery needs them. Nothing here crosses to another node. */
export function localSockets(io: SocketServer, registry: SocketRegistry): LocalSockets {
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
      const members = membersOf(entry.conversationId);
      if (members === undefined) return;
      const others = members.size - (members.has(exceptSocketId ?? '') ? 1 : 0);
      if (others === 0) return;
      if (others === 1) {
        // Most entries are for one: an event of its own is cheaper than a broadcast.
        for (const id of members) {
          if (id !== exceptSocketId) sockets.sockets.get(id)?.emit('entry', entry);
        }
        return;
      }
      // What `io.local.to(room).except(id).emit('entry', entry)` comes to, without its three operators a message.
      const packet = { type: EVENT, data: ['entry', entry] };
      sockets.adapter.broadcast(packet, {
        rooms: new Set([conversationRoom(entry.conversationId)]),
        except: new Set(exceptSocketId === undefined ? [] : [exceptSocketId]),
        flags: LOCAL,
      });
    },
    emit(socket: DeliverySocket, name, payload) {
      const known = sockets.sockets.get(socket.id);
      const emit = known?.emit.bind(known) as ((event: string, given: unknown) => void) | undefined;
      emit?.(name, payload);
    },
    room: conversationRoom,
  };
}
