import type { EventEmitter } from 'node:events';
import { SECOND, type RateLimit } from '@parley/common';

import type { ClientSocket } from '../server/socket.ts';

type Connection = ClientSocket['conn'];

/** A packet of Engine.IO; pings and pongs have no data. */
interface EnginePacket {
  readonly type: string;
  readonly data?: string | { readonly length: number } | undefined;
}

/**
 * Packets of a connection, of any kind: several times as many as the rate limits allow a user for all events, answers
 * and refused events together. Packets that are not events have no other limit.
 */
export const PACKETS: RateLimit = { perSecond: 500, burst: 2_000 };
/** A packet counts as one more for each of these many bytes: a large one takes as long to read as many small ones. */
export const BYTES_OF_PACKET = 4_096;
/** A ping of the WebSocket protocol counts as this many packets: the library answers each with a system call. */
export const PACKETS_OF_PING = 10;

interface PacketLimitsOptions {
  /** Called with a connection that sends a second packet before it is admitted. */
  readonly onSecondPacket: (connection: Connection) => void;
  /** Called with a connection whose first packet asks for a namespace that does not exist, before Socket.IO refuses it. */
  readonly onUnknownNamespace: (connection: Connection) => void;
  /** Called with a connection that has sent too much, more than once if it goes on. */
  readonly onFlood: (connection: Connection) => void;
  /** Whether packets of admitted connections are limited. */
  readonly limited: boolean;
  /** Monotonic milliseconds. */
  readonly monotonic?: () => number;
}

/** A CONNECT packet for any namespace but `/`, which clients leave out and may write out. */
const CONNECT_ELSEWHERE = /^0\/(?!,|$)/;

/**
 * Limits what a connection sends. Until it is admitted, that is one Socket.IO packet, its CONNECT: each further one would
 * look up another token, as fast as a client can write. From then on, packets of any kind have a rate that no client
 * needs: one that sends pongs, acknowledgements of nothing or pings as fast as it can would keep the node busy, and none
 * of them would be refused.
 */
export class PacketLimits {
  readonly #options: Required<PacketLimitsOptions>;
  /** What to do when a connection is admitted. */
  readonly #admissions = new WeakMap<Connection, () => void>();

  constructor(options: PacketLimitsOptions) {
    this.#options = { monotonic: () => performance.now(), ...options };
  }

  /** Limits a new connection. */
  watch(connection: Connection): void {
    const received = new ReceivedPackets(this.#options.monotonic);
    const listener = (packet: EnginePacket): void => this.#receive(connection, received, packet);
    connection.on('packet', listener);
    this.#admissions.set(connection, () => {
      received.admit();
      if (!this.#options.limited) connection.off('packet', listener);
    });
    if (!this.#options.limited) return;
    if (websocketOf(connection) !== undefined) this.#watchPings(connection, received);
    else connection.once('upgrade', () => this.#watchPings(connection, received));
  }

  /** Lets a connection send any number of Socket.IO packets, because it is authenticated. */
  admit(connection: Connection): void {
    this.#admissions.get(connection)?.();
    this.#admissions.delete(connection);
  }

  #receive(connection: Connection, received: ReceivedPackets, packet: EnginePacket): void {
    const { limited, onFlood, onSecondPacket, onUnknownNamespace } = this.#options;
    const fault = received.faultOf(packet);
    if (fault === 'second_packet') onSecondPacket(connection);
    else if (fault === 'unknown_namespace') onUnknownNamespace(connection);
    else if (limited && !received.take(weightOf(packet))) onFlood(connection);
  }

  #watchPings(connection: Connection, received: ReceivedPackets): void {
    websocketOf(connection)?.on('ping', () => {
      if (!received.take(PACKETS_OF_PING)) this.#options.onFlood(connection);
    });
  }
}

/**
 * What a connection has sent: its Socket.IO packets until it is admitted, and a token bucket that reads the clock only
 * when it seems to be empty, because it is asked about every packet.
 */
class ReceivedPackets {
  readonly #monotonic: () => number;
  #left = PACKETS.burst;
  /** When tokens were last added. */
  #since: number;
  #isAdmitted = false;
  #hasFirst = false;

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
    this.#since = monotonic();
  }

  admit(): void {
    this.#isAdmitted = true;
  }

  /** Why a packet is one that a connection may not send yet. */
  faultOf({ data, type }: EnginePacket): 'second_packet' | 'unknown_namespace' | undefined {
    if (this.#isAdmitted || type !== 'message') return undefined;
    if (this.#hasFirst) return 'second_packet';
    this.#hasFirst = true;
    const isElsewhere = typeof data === 'string' && CONNECT_ELSEWHERE.test(data);
    return isElsewhere ? 'unknown_namespace' : undefined;
  }

  /** Takes tokens for packets. Returns whether there were enough. */
  take(packets: number): boolean {
    this.#left -= packets;
    if (this.#left >= 0) return true;
    const now = this.#monotonic();
    const earned = ((now - this.#since) * PACKETS.perSecond) / SECOND;
    this.#since = now;
    this.#left = Math.min(PACKETS.burst, this.#left + earned);
    return this.#left >= 0;
  }
}

/** How many packets a packet counts as. */
function weightOf({ data }: EnginePacket): number {
  return 1 + Math.floor((data?.length ?? 0) / BYTES_OF_PACKET);
}

/** The WebSocket of a connection, from a private field: Engine.IO does not pass on the pings of the WebSocket protocol. */
function websocketOf({ transport }: Connection): EventEmitter | undefined {
  if (transport.name !== 'websocket') return undefined;
  return (transport as unknown as { readonly socket?: EventEmitter }).socket;
}
