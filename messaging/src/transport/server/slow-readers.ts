import type { Logger } from '@parley/backend-common';
import { LIMITS, SECOND } from '@parley/common';

import type { ClientSocket } from './socket.ts';
import type { SocketRegistry } from './socket-registry.ts';

interface SlowReadersDeps {
  readonly sockets: SocketRegistry;
  readonly cut: { inc(): void };
  readonly logger: Logger;
  /** Bytes that may wait for one client; {@link LIMITS.outboundBufferBytes} where not said. */
  readonly largestBuffer?: number | undefined;
}

type Connection = ClientSocket['conn'];

const EVERY = SECOND;

/** Cuts clients that do not read what is sent to them, before what waits for them fills the memory. They resume. */
export class SlowReaders {
  readonly #deps: SlowReadersDeps;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: SlowReadersDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#timer = setInterval(() => this.look(), EVERY).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Looks once. */
  look(): void {
    const { cut, largestBuffer = LIMITS.outboundBufferBytes, logger, sockets } = this.#deps;
    for (const socket of sockets.all()) {
      const waiting = outboundBytes(socket.conn);
      if (waiting <= largestBuffer) continue;
      cut.inc();
      logger.info({ socketId: socket.id, waiting }, 'A client that does not read was cut');
      cutConnection(socket.conn);
    }
  }
}

/** Bytes that wait to be sent over a connection: with the operating system's turn to take them, and queued before. */
function outboundBytes(connection: Connection): number {
  // Engine.IO keeps packets here while the transport is busy.
  const { writeBuffer } = connection as unknown as { writeBuffer: readonly { data?: unknown }[] };
  let bytes = connection.request.socket.writableLength;
  for (const { data } of writeBuffer) {
    bytes += typeof data === 'string' ? data.length : 0;
  }
  return bytes;
}

/** Ends a connection without a word, as a network does; the client comes back by itself. */
function cutConnection(connection: Connection): void {
  if (connection.transport.name === 'websocket') connection.request.socket.destroy();
  else connection.close(true);
}
