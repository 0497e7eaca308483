import type { Entry } from '@parley/common/contract';
import { PacketType, type Packet } from 'socket.io-parser';

import type { DeliverySocket } from '../../delivery/delivery-socket.ts';
import type { SocketServer } from '../server/socket.ts';

type Receiver = Pick<DeliverySocket, 'id'>;

/** Sends an entry to some sockets of this node, at least one. */
export type EntryBroadcast = (
  io: SocketServer,
  entry: Entry,
  receivers: readonly Receiver[],
) => void;

/** The private method with which Socket.IO's adapter encodes a broadcast. The types of Socket.IO do not declare it. */
interface Encoder {
  /** Encodes a packet, and puts the frame of a WebSocket into `options`. */
  _encode(packet: Packet, options: WriteOptions): unknown;
}

interface WriteOptions {
  readonly preEncoded: true;
}

interface Writer {
  writeToEngine(encoded: unknown, options: WriteOptions): void;
}

/** The plain way: the documented broadcast operators. Each socket is in the room that has its id as name. */
export const broadcastPlainly: EntryBroadcast = (io, entry, receivers) => {
  io.local.to(receivers.map(({ id }) => id)).emit('entry', entry);
};

/**
 * The tuned way: most entries are for one socket, which gets an event of its own. For several sockets, the entry is
 * encoded once and each socket writes the same frame. A broadcast of the adapter does so too, but looks each socket up as
 * a room, in sets that it creates for each message.
 */
export const broadcastPacket: EntryBroadcast = ({ sockets }, entry, receivers) => {
  const [first] = receivers;
  if (first !== undefined && receivers.length === 1) {
    sockets.sockets.get(first.id)?.emit('entry', entry);
    return;
  }
  const encoder = sockets.adapter as unknown as Encoder;
  const options: WriteOptions = { preEncoded: true };
  const packet = { type: PacketType.EVENT, nsp: sockets.name, data: ['entry', entry] };
  const encoded = encoder._encode(packet, options);
  for (const { id } of receivers) {
    const client = sockets.sockets.get(id)?.client as unknown as Writer | undefined;
    client?.writeToEngine(encoded, options);
  }
};
