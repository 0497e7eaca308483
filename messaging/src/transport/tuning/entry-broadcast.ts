import type { Entry } from '@parley/common/contract';
import { PacketType } from 'socket.io-parser';

import { conversationRoom } from '../rooms/names.ts';
import type { SocketServer } from '../server/socket.ts';

/** Sends an entry to the sockets of this node in its conversation's room, except one socket. */
export type EntryBroadcast = (
  io: SocketServer,
  entry: Entry,
  exceptSocketId: string | undefined,
) => void;

const THIS_NODE = { local: true };

/** The plain way: the documented broadcast operators. */
export const broadcastPlainly: EntryBroadcast = (io, entry, exceptSocketId) => {
  io.local
    .to(conversationRoom(entry.conversationId))
    .except(exceptSocketId ?? [])
    .emit('entry', entry);
};

/**
 * The tuned way: most entries are for one socket, which gets an event of its own; the others go to the adapter as a
 * packet. Both spare the three objects that the operators make for each message.
 */
export const broadcastPacket: EntryBroadcast = ({ sockets }, entry, exceptSocketId) => {
  const room = conversationRoom(entry.conversationId);
  const members = sockets.adapter.rooms.get(room);
  if (members === undefined) return;
  const others = members.size - (members.has(exceptSocketId ?? '') ? 1 : 0);
  if (others === 0) return;
  if (others === 1) {
    for (const id of members) {
      if (id !== exceptSocketId) sockets.sockets.get(id)?.emit('entry', entry);
    }
    return;
  }
  sockets.adapter.broadcast(
    { type: PacketType.EVENT, data: ['entry', entry] },
    {
      rooms: new Set([room]),
      except: new Set(exceptSocketId === undefined ? [] : [exceptSocketId]),
      flags: THIS_NODE,
    },
  );
};
