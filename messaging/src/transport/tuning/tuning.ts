import type { EventPayload } from '@parley/common/contract';
import * as standardParser from 'socket.io-parser';

import type { ClientSocket, SocketServer } from '../server/socket.ts';
import { receiveByMiddleware, receiveDirectly, type ReceiveEvents } from './direct-events.ts';
import { broadcastPacket, broadcastPlainly, type EntryBroadcast } from './entry-broadcast.ts';
import { forgetHandshake, keepHandshake } from './handshake-memory.ts';
import { encodedPage, packetParser, parsedPage } from './packet-parser.ts';
import { QueuedBytes, StalledReads, type ReadingCheck } from './reading-check.ts';
import { writeEachFrame, writeTogether } from './write-together.ts';

/**
 * Optimisations that use private interfaces of Socket.IO and Engine.IO. Each can be switched off: the node then sends
 * the same frames and needs more CPU or memory.
 */
export interface TuningOptions {
  /** All frames that one turn of the event loop has for a connection leave in one system call. */
  readonly writeTogether: boolean;
  /** Packets are encoded without a search for binary data, and what is sent twice is encoded once. */
  readonly packetParser: boolean;
  /** Entries go to a room as a packet, without the chain of `io.local.to(…).except(…)`. */
  readonly entryBroadcast: boolean;
  /** Events reach their operation without the middlewares and listeners of Socket.IO. */
  readonly directEvents: boolean;
  /** A client that does not read is recognised by the bytes that Engine.IO holds for it, not by the clock. */
  readonly queuedBytes: boolean;
  /** Headers, query and token of a handshake are dropped as soon as it succeeds. */
  readonly handshakeMemory: boolean;
}

/** The functions that {@link TuningOptions} choose, each tuned or plain. */
export interface Tuning {
  /** The `parser` of the Socket.IO server. */
  readonly parser: Pick<typeof standardParser, 'Encoder' | 'Decoder'>;
  /** The payload of a page that is JSON text already. */
  readonly pagePayload: (json: string) => EventPayload<'sync:page'>;
  readonly broadcastEntry: EntryBroadcast;
  readonly receiveEvents: ReceiveEvents;
  readonly readingCheck: ReadingCheck;
  /** Called once, before the first connection. */
  readonly prepareWrites: (io: Pick<SocketServer, 'engine'>) => void;
  /** Called when a handshake has succeeded. */
  readonly releaseHandshake: (socket: ClientSocket) => void;
}

export const ALL_TUNING: TuningOptions = {
  writeTogether: true,
  packetParser: true,
  entryBroadcast: true,
  directEvents: true,
  queuedBytes: true,
  handshakeMemory: true,
};

export const NO_TUNING: TuningOptions = {
  writeTogether: false,
  packetParser: false,
  entryBroadcast: false,
  directEvents: false,
  queuedBytes: false,
  handshakeMemory: false,
};

/** Chooses between the tuned and the plain way of each option. */
export function createTuning(options: TuningOptions): Tuning {
  return {
    parser: options.packetParser ? packetParser : standardParser,
    pagePayload: options.packetParser ? encodedPage : parsedPage,
    broadcastEntry: options.entryBroadcast ? broadcastPacket : broadcastPlainly,
    receiveEvents: options.directEvents ? receiveDirectly : receiveByMiddleware,
    readingCheck: options.queuedBytes
      ? new QueuedBytes()
      : new StalledReads(() => performance.now()),
    prepareWrites: options.writeTogether ? writeTogether : writeEachFrame,
    releaseHandshake: options.handshakeMemory ? forgetHandshake : keepHandshake,
  };
}
