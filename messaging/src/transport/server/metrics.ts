import type { Counter, Metrics } from '@parley/backend-common';

import type { SocketRegistry } from './socket-registry.ts';

/** The metrics of connections. */
export interface TransportMetrics {
  /** Handshakes by result: `ok`, an error code, or why a connection was refused without one. */
  readonly handshakes: Counter<'result'>;
  /** Closed sockets by the reason that Socket.IO gives. */
  readonly closed: Counter<'reason'>;
  /** Sockets that were disconnected because they did not read. */
  readonly slowReaders: Counter;
  /** Sockets that were cut because too many of their events were refused. */
  readonly cut: Counter;
  /** Messages to other nodes that could not be published through Redis. */
  readonly unpublished: Counter;
}

/** Declares the metrics of the connections. */
export function createTransportMetrics(
  metrics: Metrics,
  sockets: SocketRegistry,
): TransportMetrics {
  metrics.observed('parley_sockets', 'Open sockets on this node', () => sockets.size);
  metrics.observed(
    'parley_users_online',
    'Users with an open socket on this node',
    () => sockets.users,
  );
  return {
    handshakes: metrics.counter('parley_handshakes_total', 'Handshakes by result', ['result']),
    closed: metrics.counter('parley_sockets_closed_total', 'Closed sockets by reason', ['reason']),
    slowReaders: metrics.counter(
      'parley_slow_readers_total',
      'Sockets disconnected because the client did not read',
    ),
    cut: metrics.counter(
      'parley_refused_sockets_total',
      'Sockets cut because the client went on sending what is refused',
    ),
    unpublished: metrics.counter(
      'parley_redis_publish_failures_total',
      'Messages to other nodes that could not be published through Redis',
    ),
  };
}
