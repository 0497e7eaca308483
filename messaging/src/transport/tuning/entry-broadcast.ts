import type { Entry } from '@parley/common/contract';
import { PacketType, type Packet } from 'socket.io-parser';

import type { DeliverySocket } from '../../delivery/delivery-socket.ts';
import type { SocketServer } from '../server/socket.ts';
import { textFrames } from './text-frames.ts';

type Receiver = Pick<DeliverySocket, 'id'>;

/** Sends an entry to some sockets of this node, at least one. */
export type EntryBroadcast = (
  io: SocketServer,
  entry: Entry,
  receivers: readonly Receiver[],
) => void;

/** The encoder of Socket.IO's adapter. The types of Socket.IO do not declare it. */
interface Encoding {
  readonly encoder: { encode(packet: Packet): string[] };
}

/** How Engine.IO sends a packet. */
interface WriteOptions {
  /** The WebSocket frame of the packet, encoded once for many clients. */
  readonly wsPreEncodedFrame?: readonly Buffer[];
}

interface Writer {
  writeToEngine(encoded: string, options: WriteOptions): void;
}

/** The plain way: the documented broadcast operators. Each socket is in the room that has its id as name. */
export const broadcastPlainly: EntryBroadcast = (io, entry, receivers) => {
  io.local.to(receivers.map(({ id }) => id)).emit('entry', entry);
};

/**
 * The tuned way: the entry is encoded once, and each socket writes the text. For several sockets, the frame is made once
 * too. A broadcast of the adapter does so as well, but looks each socket up as a room, in sets that it creates for each
 * message; an event of a socket makes an array and three objects.
 */
export const broadcastPacket: EntryBroadcast = ({ sockets }, entry, receivers) => {
  const { encoder } = sockets.adapter as unknown as Encoding;
  const packet = { type: PacketType.EVENT, nsp: sockets.name, data: ['entry', entry] };
  const [text = ''] = encoder.encode(packet);
  const options: WriteOptions =
    receivers.length === 1
      ? {}
      : { wsPreEncodedFrame: [textFrames([{ type: 'message', data: text }])] };
  for (const { id } of receivers) {
    const client = sockets.sockets.get(id)?.client as unknown as Writer | undefined;
    client?.writeToEngine(text, options);
  }
};
