import { Periodic, type Logger, type PeriodicMetrics } from '@parley/backend-common';
import { SECOND } from '@parley/common';

import type { ReadingCheck } from '../tuning/reading-check.ts';
import type { ClientSocket } from './socket.ts';
import type { SocketRegistry } from './socket-registry.ts';

interface SlowReadersDeps {
  readonly sockets: SocketRegistry;
  readonly check: ReadingCheck;
  /** Counts disconnected sockets. */
  readonly disconnected: { inc(): void };
  readonly metrics: Pick<PeriodicMetrics, 'observe' | 'register'>;
  readonly logger: Logger;
}

type Connection = ClientSocket['conn'];

const EVERY = SECOND;

/** Disconnects clients that do not read, before the data queued for them fills the memory. They connect again. */
export class SlowReaders {
  readonly #deps: SlowReadersDeps;
  readonly #checks: Periodic;

  constructor(deps: SlowReadersDeps) {
    this.#deps = deps;
    const { logger, metrics } = deps;
    this.#checks = new Periodic({
      name: 'disconnect_slow_readers',
      every: EVERY,
      run: () => {
        this.#disconnectAll();
        return Promise.resolve();
      },
      metrics,
      onFault: (error) => logger.error({ err: error }, 'Sockets could not be checked for reading'),
    });
  }

  start(): void {
    this.#checks.start();
  }

  stop(): Promise<void> {
    return this.#checks.stop();
  }

  #disconnectAll(): void {
    const { check, disconnected, logger, sockets } = this.#deps;
    for (const socket of sockets.all()) {
      if (!check.hasStoppedReading(socket.conn)) continue;
      disconnected.inc();
      logger.info({ socketId: socket.id }, 'A client that does not read was disconnected');
      breakConnection(socket.conn);
    }
  }
}

/** Ends a connection as a failing network does, without a close frame: the client connects again by itself. */
function breakConnection(connection: Connection): void {
  if (connection.transport.name === 'websocket') connection.request.socket.destroy();
  else connection.close(true);
}
