import type { IncomingMessage } from 'node:http';
import { LIMITS, SECOND } from '@parley/common';
import { createAdapter } from '@socket.io/redis-adapter';
import { Server } from 'socket.io';

import type { SocketServer } from './socket.ts';
import type { Tuning } from '../tuning/tuning.ts';
import type { RedisLink } from '../cluster/redis-link.ts';

interface SocketServerOptions {
  /** Whether clients may poll. */
  readonly longPolling: boolean;
  /** Other web origins that may connect. */
  readonly origins: readonly string[];
  /** Whether a request may open a connection; a refused client tries again by itself. */
  readonly mayConnect: (request: IncomingMessage) => boolean;
  /** Absent where this is the only node. */
  readonly redis?: RedisLink | undefined;
  readonly tuning: Pick<Tuning, 'parser'>;
}

/** A connection that has not said who it is by then is closed. */
const CONNECT_TIMEOUT = 10 * SECOND;

/** Makes the Socket.IO server; it is attached to an HTTP server when everything stands. */
export function createSocketServer(options: SocketServerOptions): SocketServer {
  return new Server({
    transports: options.longPolling ? ['polling', 'websocket'] : ['websocket'],
    maxHttpBufferSize: LIMITS.frameBytes,
    // Compression costs 230 KiB a connection.
    perMessageDeflate: false,
    serveClient: false,
    parser: options.tuning.parser,
    connectTimeout: CONNECT_TIMEOUT,
    allowRequest: (request, answer) => answer(null, options.mayConnect(request)),
    // Only polls are subject to it; for a WebSocket, `mayConnect` decides.
    ...(options.longPolling && options.origins.length > 0
      ? { cors: { origin: [...options.origins] } }
      : {}),
    ...(options.redis === undefined
      ? {}
      : { adapter: createAdapter(...options.redis.adapterClients) }),
  });
}
