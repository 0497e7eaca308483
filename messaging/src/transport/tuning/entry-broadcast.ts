import type { Entry } from '@parley/common/contract';
import { PacketType } from 'socket.io-parser';

import type { SocketServer } from '../server/socket.ts';

/** Sends an entry to some sockets of this node, at least one. */
export type EntryBroadcast = (io: SocketServer, entry: Entry, socketIds: readonly string[]) => void;

const THIS_NODE = { local: true };

/** The plain way: the documented broadcast operators. Each socket is in the room that has its id as name. */
export const broadcastPlainly: EntryBroadcast = (io, entry, socketIds) => {
  io.local.to([...socketIds]).emit('entry', entry);
};

/**
 * The tuned way: most entries are for one socket, which gets an event of its own; the others go to the adapter as a
 * packet. Both spare the three objects that the operators make for each message.
 */
export const broadcastPacket: EntryBroadcast = ({ sockets }, entry, socketIds) => {
  const [first] = socketIds;
  if (first !== undefined && socketIds.length === 1) {
    sockets.sockets.get(first)?.emit('entry', entry);
    return;
  }
  sockets.adapter.broadcast(
    { type: PacketType.EVENT, data: ['entry', entry] },
    { rooms: new Set(socketIds), except: new Set(), flags: THIS_NODE },
  );
};
