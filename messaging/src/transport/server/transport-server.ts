import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@parley/backend-common';
import { SECOND, type Now } from '@parley/common';
import { CONTRACT } from '@parley/common/contract';

import { closeReason, type TransportMetrics } from './metrics.ts';
import type { ClientSocket, SocketServer } from './socket.ts';
import type { Handshake } from '../handshake/handshake.ts';
import { refuseNewConnections } from '../handshake/stopping.ts';
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
/** Milliseconds to wait for a moment at which a socket has no operation in progress. It is closed then. */
const QUIET_MOMENT = SECOND;
/** Milliseconds that the operations of a socket without such a moment get to finish. No further ones are accepted. */
const OPERATIONS_TIMEOUT = 5 * SECOND;
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
    const { handshake, io, random, sockets } = this.#deps;
    handshake.close();
    refuseNewConnections(io, () => handshake.countRefusal('draining'));
    const wanted = (sockets.size / 1_000) * SPREAD_PER_THOUSAND;
    const spread = Math.min(LONGEST_SPREAD, Math.max(SHORTEST_SPREAD, wanted));
    for (const socket of sockets.all()) {
      socket.emit('server:draining', { reconnectInMs: Math.floor(random() * spread) });
    }
  }

  /**
   * Closes every connection, in a way that lets clients reconnect by themselves. Each is served until it is closed, and
   * what was accepted from it is answered before.
   */
  async closeConnections(): Promise<void> {
    const { io, logger, sockets, upgraded } = this.#deps;
    const open = sockets.all();
    const closing: Promise<void>[] = [];
    for (let from = 0; from < open.length; from += SLICE.size) {
      if (from > 0) await delay(SLICE.pause);
      const slice = open.slice(from, from + SLICE.size);
      closing.push(...slice.map((socket) => this.#closeWhenAnswered(socket)));
    }
    await Promise.all(closing);
    await upgraded.close(CLOSE_TIMEOUT);
    // What is left polls or is not authenticated. Closing a polling connection by itself would take half a minute.
    io.engine.close();
    await io.sockets.adapter.close();
    logger.info({ closed: open.length }, 'Connections were closed');
  }

  async #closeWhenAnswered(socket: ClientSocket): Promise<void> {
    const { operations } = this.#deps;
    await operations.idle(socket, QUIET_MOMENT);
    operations.stop(socket);
    await operations.idle(socket, OPERATIONS_TIMEOUT);
    // Close the connection, not the socket: after a disconnect by the server a client does not reconnect.
    if (socket.conn.transport.name === 'websocket') socket.conn.close();
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
      metrics.closed.inc({ reason: closeReason(reason) });
      sockets.remove(socket);
      // A connection without a socket would be closed neither with its session nor when the node drains.
      if (reason === 'client namespace disconnect') socket.conn.close();
    });
    const replaying = socket.data.mode === 'plain';
    const self = { sessionId, userId, serverTime: now() };
    socket.emit('ready', { contract: CONTRACT, ...self, replaying, attachments });
    sockets.announce(socket);
  }
}
