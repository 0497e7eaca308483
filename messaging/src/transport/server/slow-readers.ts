import type { Logger } from '@parley/backend-common';
import { SECOND } from '@parley/common';

import type { ReadingCheck } from '../tuning/reading-check.ts';
import type { ClientSocket } from './socket.ts';
import type { SocketRegistry } from './socket-registry.ts';

interface SlowReadersDeps {
  readonly sockets: SocketRegistry;
  readonly check: ReadingCheck;
  readonly cut: { inc(): void };
  readonly logger: Logger;
}

type Connection = ClientSocket['conn'];

const EVERY = SECOND;

/** Disconnects clients that do not read, before the data queued for them fills the memory. They connect again. */
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

  /** Checks every socket once. */
  look(): void {
    const { check, cut, logger, sockets } = this.#deps;
    for (const socket of sockets.all()) {
      if (!check.hasStoppedReading(socket.conn)) continue;
      cut.inc();
      logger.info({ socketId: socket.id }, 'A client that does not read was disconnected');
      cutConnection(socket.conn);
    }
  }
}

/** Ends a connection as a failing network does, without a close frame: the client connects again by itself. */
function cutConnection(connection: Connection): void {
  if (connection.transport.name === 'websocket') connection.request.socket.destroy();
  else connection.close(true);
}
