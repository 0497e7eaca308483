import type { Entry } from '@parley/common/contract';

import type { DeliverySocket, LocalSockets } from '../../src/delivery/ports.ts';
import { newId } from './test-log.ts';

/** A socket that remembers what it was sent. */
export class FakeDeliverySocket implements DeliverySocket {
  readonly id = newId();
  readonly rooms = new Set<string>();
  readonly entries: Entry[] = [];
  readonly events: { readonly name: string; readonly payload: unknown }[] = [];
  readonly data: DeliverySocket['data'];
  connected = true;

  constructor(userId: string, mode: DeliverySocket['data']['mode'] = 'heads') {
    this.data = { caller: { userId, sessionId: newId() }, mode };
  }

  join(room: string): void {
    this.rooms.add(room);
  }

  leave(room: string): void {
    this.rooms.delete(room);
  }

  get seqs(): number[] {
    return this.entries.map(({ seq }) => seq);
  }
}

/** The sockets of a node, from a list that a test adds to. */
export function fakeLocalSockets(sockets: readonly FakeDeliverySocket[]): LocalSockets {
  const room = (conversationId: string) => `c:${conversationId}`;
  const inside = (conversationId: string) =>
    sockets.filter(({ rooms }) => rooms.has(room(conversationId)));
  return {
    ofUser: (userId) => sockets.filter(({ data }) => data.caller.userId === userId),
    inConversation: inside,
    hasConversation: (conversationId) => inside(conversationId).length > 0,
    conversationsOf: (socket) => [...socket.rooms].map((name) => name.slice(2)),
    emitEntry(entry, exceptSocketId) {
      for (const socket of inside(entry.conversationId)) {
        if (socket.id !== exceptSocketId) socket.entries.push(entry);
      }
    },
    emit(socket, name, payload) {
      const known = sockets.find(({ id }) => id === socket.id);
      known?.events.push({ name, payload });
    },
    room,
  };
}
