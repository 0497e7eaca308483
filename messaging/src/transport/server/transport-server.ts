import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@parley/backend-common';
import { SECOND, type Now } from '@parley/common';
import { CONTRACT } from '@parley/common/contract';

import type { TransportMetrics } from './metrics.ts';
import type { ClientSocket, SocketServer } from './socket.ts';
import type { Handshake } from '../handshake/handshake.ts';
import { userRoom } from '../rooms/names.ts';
import { closeForGood, type SessionCloser } from '../sessions/session-closer.ts';
import type { SocketOperations } from './socket-operations.ts';
import type { SocketRegistry } from './socket-registry.ts';
import type { UpgradedSockets } from './upgraded-sockets.ts';
import type { Tuning } from '../tuning/tuning.ts';

interface TransportServerDeps {
  readonly io: SocketServer;
  readonly sockets: SocketRegistry;
  readonly handshake: Handshake;
  readonly operations: SocketOperations;
  readonly closer: SessionCloser;
  readonly upgraded: UpgradedSockets;
  /** Whether attachments can be sent: an object store is configured. */
  readonly attachments: boolean;
  readonly tuning: Pick<Tuning, 'prepareWrites'>;
  readonly metrics: TransportMetrics;
  readonly now: Now;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
}

/** Milliseconds, for each thousand clients, over which the clients of a stopping node reconnect to others. */
const SPREAD_PER_THOUSAND = SECOND;
const SHORTEST_SPREAD = SECOND;
const LONGEST_SPREAD = 30 * SECOND;
/** Connections that are closed together, and milliseconds until the next ones. */
const SLICE = { size: 500, pause: 50 };
/** Milliseconds that operations in progress get to finish. */
const OPERATIONS_TIMEOUT = 2 * SECOND;
/** Milliseconds that clients get for their closing handshake. */
const CLOSE_TIMEOUT = SECOND;

/** Accepts connections, welcomes clients, and closes connections when the node stops. */
export class TransportServer {
  readonly #deps: TransportServerDeps;

  constructor(deps: TransportServerDeps) {
    this.#deps = deps;
  }

  /** Accepts connections from now on. */
  start(): void {
    const { handshake, io, tuning } = this.#deps;
    io.engine.on('connection', (connection: ClientSocket['conn']) => handshake.count(connection));
    tuning.prepareWrites(io);
    io.use(handshake.middleware);
    io.on('connection', (socket) => this.#welcome(socket));
  }

  /** Notifies clients that this node stops and when each should reconnect to another. Refuses new ones. */
  announceDraining(): void {
    const { handshake, random, sockets } = this.#deps;
    handshake.close();
    const wanted = (sockets.size / 1_000) * SPREAD_PER_THOUSAND;
    const spread = Math.min(LONGEST_SPREAD, Math.max(SHORTEST_SPREAD, wanted));
    for (const socket of sockets.all()) {
      socket.emit('server:draining', { reconnectInMs: Math.floor(random() * spread) });
    }
  }

  /** Closes every connection after the operations in progress, in a way that lets clients reconnect by themselves. */
  async closeConnections(): Promise<void> {
    const { io, logger, operations, sockets, upgraded } = this.#deps;
    await operations.idle(OPERATIONS_TIMEOUT);
    const open = sockets.all();
    for (let from = 0; from < open.length; from += SLICE.size) {
      if (from > 0) await delay(SLICE.pause);
      for (const { conn } of open.slice(from, from + SLICE.size)) {
        // Close the connection, not the socket: after a disconnect by the server a client does not reconnect.
        if (conn.transport.name === 'websocket') conn.close();
      }
    }
    await upgraded.close(CLOSE_TIMEOUT);
    // What is left polls or is not authenticated. Closing a polling connection by itself would take half a minute.
    io.engine.close();
    await io.sockets.adapter.close();
    logger.info({ closed: open.length }, 'Connections were closed');
  }

  #welcome(socket: ClientSocket): void {
    const { attachments, closer, metrics, now, operations, sockets } = this.#deps;
    const { sessionId, userId } = socket.data.caller;
    if (closer.hasEnded(sessionId)) {
      closeForGood(socket, 'session_expired');
      return;
    }
    sockets.add(socket);
    void socket.join(userRoom(userId));
    operations.serve(socket);
    socket.on('disconnect', (reason) => {
      metrics.closed.inc({ reason });
      sockets.remove(socket);
    });
    const replaying = socket.data.mode === 'plain';
    const self = { sessionId, userId, serverTime: now() };
    socket.emit('ready', { contract: CONTRACT, ...self, replaying, attachments });
    sockets.announce(socket);
  }
}
