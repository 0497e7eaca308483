import type { Logger } from '@parley/backend-common';

import type { DeliverySocket, LocalSockets } from '../../delivery/ports.ts';
import type { EntryHops } from '../../delivery/entry-hops.ts';
import type { UserRooms } from '../../delivery/user-rooms.ts';
import type { SocketServer } from '../server/socket.ts';
import type { SocketRegistry } from '../server/socket-registry.ts';
import type { Tuning } from '../tuning/tuning.ts';

interface LocalSocketsDeps {
  readonly io: SocketServer;
  readonly registry: SocketRegistry;
  readonly rooms: UserRooms;
  readonly tuning: Pick<Tuning, 'broadcastEntry'>;
  readonly hops: Pick<EntryHops, 'emitted'>;
  /** Gets each entry at the level `debug`. */
  readonly logger: Logger;
}

/** The sockets of this node, as delivery needs them. Nothing here reaches another node. */
export function localSockets({
  hops,
  io,
  logger,
  registry,
  rooms,
  tuning,
}: LocalSocketsDeps): LocalSockets {
  const { sockets } = io;
  // Read once: this runs for every message.
  const isVerbose = logger.isLevelEnabled('debug');
  return {
    ofUser: (userId) => registry.ofUser(userId),
    rooms,
    emitEntry: (entry, exceptSocketId) => {
      const others = rooms.socketsIn(entry.conversationId, exceptSocketId);
      if (others.length === 0) return;
      tuning.broadcastEntry(io, entry, others);
      hops.emitted(entry);
      if (isVerbose) {
        const { conversationId, id: messageId, seq } = entry;
        const socketIds = others.map(({ id }) => id);
        logger.debug({ messageId, conversationId, seq, socketIds }, 'An entry was sent');
      }
    },
    emit(socket: DeliverySocket, name, payload) {
      const known = sockets.sockets.get(socket.id);
      const emit = known?.emit.bind(known) as ((event: string, given: unknown) => void) | undefined;
      emit?.(name, payload);
    },
  };
}
