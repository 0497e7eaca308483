import type { Entry } from '@parley/common/contract';

import type { DeliverySocket, LocalSockets } from '../../src/delivery/ports.ts';
import { UserRooms } from '../../src/delivery/user-rooms.ts';
import { newId } from './test-log.ts';

/** A socket that remembers what it was sent. */
export class FakeDeliverySocket implements DeliverySocket {
  readonly id = newId();
  readonly entries: Entry[] = [];
  readonly events: { readonly name: string; readonly payload: unknown }[] = [];
  readonly data: DeliverySocket['data'];
  connected = true;

  constructor(userId: string, mode: DeliverySocket['data']['mode'] = 'heads') {
    this.data = { caller: { userId, sessionId: newId() }, mode };
  }

  get seqs(): number[] {
    return this.entries.map(({ seq }) => seq);
  }
}

/** The sockets of a node, from a list that a test adds to. */
export function fakeLocalSockets(
  sockets: readonly FakeDeliverySocket[],
  rooms = new UserRooms(() => performance.now()),
): LocalSockets {
  return {
    ofUser: (userId) =>
      sockets.filter(({ connected, data }) => connected && data.caller.userId === userId),
    rooms,
    emitEntry(entry, exceptSocketId) {
      const inside = new Set<DeliverySocket>(rooms.socketsIn(entry.conversationId));
      for (const socket of sockets) {
        if (inside.has(socket) && socket.id !== exceptSocketId) socket.entries.push(entry);
      }
    },
    emit(socket, name, payload) {
      const known = sockets.find(({ id }) => id === socket.id);
      known?.events.push({ name, payload });
    },
  };
}
