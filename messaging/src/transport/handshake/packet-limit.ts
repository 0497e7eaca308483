import type { EventEmitter } from 'node:events';
import { SECOND, type RateLimit } from '@parley/common';

import type { ClientSocket } from '../server/socket.ts';

type Connection = ClientSocket['conn'];

/** A packet of Engine.IO; pings and pongs have no data. */
interface EnginePacket {
  readonly data?: { readonly length: number } | undefined;
}

/**
 * Packets of a connection, whatever they are: several times what the rate limits of a user let all its events, answers
 * and refused events together be. Packets that are no events have no other limit.
 */
export const PACKETS: RateLimit = { perSecond: 500, burst: 2_000 };
/** Bytes of a packet that count as a further one: to read a large packet takes as long as many small ones. */
export const BYTES_OF_PACKET = 4_096;
/** A ping of the WebSocket protocol counts as this many packets: the library answers each in a system call. */
export const PACKETS_OF_PING = 10;

/**
 * Ends connections that send packets faster than any client does. Without it, one that sends pongs, acknowledgements of
 * nothing or pings as fast as it can would keep the node busy, and none of them would be refused.
 */
export class PacketLimit {
  readonly #onExceeded: (connection: Connection) => void;
  readonly #monotonic: () => number;

  /**
   * @param onExceeded - called with a connection that has sent too much, more than once if it goes on
   * @param monotonic - monotonic milliseconds
   */
  constructor(
    onExceeded: (connection: Connection) => void,
    monotonic: () => number = () => performance.now(),
  ) {
    this.#onExceeded = onExceeded;
    this.#monotonic = monotonic;
  }

  watch(connection: Connection): void {
    const bucket = new PacketBucket(this.#monotonic);
    const take = (packets: number): void => {
      if (!bucket.take(packets)) this.#onExceeded(connection);
    };
    connection.on('packet', ({ data }: EnginePacket) => {
      take(1 + Math.floor((data?.length ?? 0) / BYTES_OF_PACKET));
    });
    const watchPings = (): void => {
      websocketOf(connection)?.on('ping', () => take(PACKETS_OF_PING));
    };
    watchPings();
    connection.on('upgrade', watchPings);
  }
}

/** A token bucket that reads the clock only when it seems to be empty: it is asked about every packet. */
class PacketBucket {
  readonly #monotonic: () => number;
  #left = PACKETS.burst;
  /** When tokens were last added. */
  #since: number;

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
    this.#since = monotonic();
  }

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

/** The WebSocket of a connection. Private: Engine.IO passes no pings of the WebSocket protocol on. */
function websocketOf({ transport }: Connection): EventEmitter | undefined {
  if (transport.name !== 'websocket') return undefined;
  return (transport as unknown as { readonly socket?: EventEmitter }).socket;
}
