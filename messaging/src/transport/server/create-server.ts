import type { IncomingMessage } from 'node:http';
import { LIMITS } from '@parley/common';
import { createAdapter } from '@socket.io/redis-adapter';
import { Server } from 'socket.io';

import { HANDSHAKE_PATIENCE } from '../handshake/handshake-deadline.ts';
import type { SocketServer } from './socket.ts';
import type { Tuning } from '../tuning/tuning.ts';
import type { RedisLink } from '../cluster/redis-link.ts';

interface SocketServerOptions {
  /** Whether clients may use HTTP long polling. */
  readonly longPolling: boolean;
  /** Other web origins whose pages may poll. */
  readonly origins: readonly string[];
  /** Whether a request may open a connection; a refused client retries by itself. */
  readonly mayConnect: (request: IncomingMessage) => boolean;
  /** Absent where this is the only node. */
  readonly redis?: RedisLink | undefined;
  readonly tuning: Pick<Tuning, 'parser'>;
  /** Milliseconds that a connection gets for its handshake; default {@link HANDSHAKE_PATIENCE}. */
  readonly patience?: number | undefined;
}

/** Creates the Socket.IO server. It accepts no connection before it is attached to an HTTP server. */
export function createSocketServer(options: SocketServerOptions): SocketServer {
  return new Server({
    transports: options.longPolling ? ['polling', 'websocket'] : ['websocket'],
    maxHttpBufferSize: LIMITS.frameBytes,
    // Compression costs 230 KiB a connection.
    perMessageDeflate: false,
    serveClient: false,
    parser: options.tuning.parser,
    connectTimeout: options.patience ?? HANDSHAKE_PATIENCE,
    allowRequest: (request, answer) => answer(null, options.mayConnect(request)),
    // CORS concerns polling only; for WebSockets, `mayConnect` checks the origin.
    ...(options.longPolling && options.origins.length > 0
      ? { cors: { origin: [...options.origins] } }
      : {}),
    ...(options.redis === undefined
      ? {}
      : { adapter: createAdapter(...options.redis.adapterClients) }),
  });
}
