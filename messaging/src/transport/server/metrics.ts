import type { Counter, Metrics } from '@parley/backend-common';

import type { SocketRegistry } from './socket-registry.ts';

/** What operators see of the connections. */
export interface TransportMetrics {
  /** Handshakes by how they ended: `ok` or an error code. */
  readonly handshakes: Counter<'result'>;
  /** Connections that ended, by the reason Socket.IO gives. */
  readonly closed: Counter<'reason'>;
  /** Connections cut because they did not read what was sent. */
  readonly slowReaders: Counter;
  /** Messages between nodes that Redis did not take. */
  readonly unpublished: Counter;
}

/** Declares the metrics of the connections. */
export function createTransportMetrics(
  metrics: Metrics,
  sockets: SocketRegistry,
): TransportMetrics {
  metrics.observed('parley_sockets', 'Open sockets', () => sockets.size);
  metrics.observed('parley_users_online', 'People with an open socket here', () => sockets.users);
  return {
    handshakes: metrics.counter('parley_handshakes_total', 'Handshakes by how they ended', [
      'result',
    ]),
    closed: metrics.counter('parley_sockets_closed_total', 'Sockets that ended, by reason', [
      'reason',
    ]),
    slowReaders: metrics.counter(
      'parley_slow_readers_total',
      'Sockets cut because they did not read',
    ),
    unpublished: metrics.counter(
      'parley_redis_publish_failures_total',
      'Messages between nodes that Redis did not take',
    ),
  };
}
