import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@parley/backend-common';
import { SECOND, type Now } from '@parley/common';
import { CONTRACT } from '@parley/common/contract';

import type { TransportMetrics } from './metrics.ts';
import type { SocketServer, ClientSocket } from './socket.ts';
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
  /** Whether files can be sent: there is a store. */
  readonly attachments: boolean;
  readonly tuning: Pick<Tuning, 'prepareWrites'>;
  readonly metrics: TransportMetrics;
  readonly now: Now;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
}

/** Milliseconds over which the clients of a stopping node come back elsewhere: so many for each thousand. */
const SPREAD_PER_THOUSAND = SECOND;
const SHORTEST_SPREAD = SECOND;
const LONGEST_SPREAD = 30 * SECOND;
/** Connections closed at once, and the milliseconds between. */
const SLICE = { size: 500, pause: 50 };
const ANSWERS_WITHIN = 2 * SECOND;
const GOOD_BYE_WITHIN = SECOND;

/** Lets clients in, and sees them out. */
export class TransportServer {
  readonly #deps: TransportServerDeps;

  constructor(deps: TransportServerDeps) {
    this.#deps = deps;
  }

  /** Begins to let clients in. */
  start(): void {
    const { handshake, io, tuning } = this.#deps;
    io.engine.on('connection', (connection: ClientSocket['conn']) => handshake.count(connection));
    tuning.prepareWrites(io);
    io.use(handshake.middleware);
    io.on('connection', (socket) => this.#welcome(socket));
  }

  /** Tells clients that this node stops, and when each should come back, elsewhere. New ones are sent away. */
  announceDraining(): void {
    const { handshake, random, sockets } = this.#deps;
    handshake.close();
    const wanted = (sockets.size / 1_000) * SPREAD_PER_THOUSAND;
    const spread = Math.min(LONGEST_SPREAD, Math.max(SHORTEST_SPREAD, wanted));
    for (const socket of sockets.all()) {
      socket.emit('server:draining', { reconnectInMs: Math.floor(random() * spread) });
    }
  }

  /** Closes every connection, once what is under way has been answered, such that clients come back by themselves. */
  async closeConnections(): Promise<void> {
    const { io, logger, operations, sockets, upgraded } = this.#deps;
    await operations.idle(ANSWERS_WITHIN);
    const open = sockets.all();
    for (let from = 0; from < open.length; from += SLICE.size) {
      if (from > 0) await delay(SLICE.pause);
      for (const { conn } of open.slice(from, from + SLICE.size)) {
        // Closing the connection, not the socket: after a disconnect the client would stay away.
        if (conn.transport.name === 'websocket') conn.close();
      }
    }
    await upgraded.close(GOOD_BYE_WITHIN);
    // What is left polls, or never said who it is; asked to close, a poll would be waited for half a minute.
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
