import type { Counter, Metrics } from '@parley/backend-common';
import type { ErrorCode } from '@parley/common';

import type { SocketRegistry } from './socket-registry.ts';

const HANDSHAKE_ERRORS: readonly ErrorCode[] = [
  'invalid_input',
  'unauthenticated',
  'session_expired',
  'limit_reached',
  'rate_limited',
  'unavailable',
  'internal',
];

/** Refused before the handshake, or cut: no error code is sent. */
const REFUSED_WITHOUT_CODE = [
  ...['draining', 'foreign_origin', 'second_packet', 'unknown_namespace', 'packet_flood'],
];

/** The reasons for which Socket.IO closes a socket, as label values. */
const REASONS = [
  'transport_error',
  'transport_close',
  'forced_close',
  'ping_timeout',
  'parse_error',
  'server_shutting_down',
  'forced_server_close',
  'client_namespace_disconnect',
  'server_namespace_disconnect',
];

/** A reason of Socket.IO, such as `ping timeout`, as a label value. */
export function closeReason(reason: string): string {
  return reason.replaceAll(' ', '_');
}

/** The metrics of connections. */
export interface TransportMetrics {
  /** Handshakes by result: `ok`, an error code, or why a connection was refused without one. */
  readonly handshakes: Counter<'result'>;
  /** Closed sockets by the reason that Socket.IO gives, as {@link closeReason} writes it. */
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
    handshakes: metrics.counter('parley_handshakes_total', 'Handshakes by result', {
      result: ['ok', ...REFUSED_WITHOUT_CODE, ...HANDSHAKE_ERRORS],
    }),
    closed: metrics.counter('parley_sockets_closed_total', 'Closed sockets by reason', {
      reason: REASONS,
    }),
    slowReaders: metrics.counter(
      'parley_slow_readers_total',
      'Sockets disconnected because the client did not read',
    ),
    cut: metrics.counter(
      'parley_refused_sockets_total',
      'Sockets closed because the client kept sending requests that are refused',
    ),
    unpublished: metrics.counter(
      'parley_redis_publish_failures_total',
      'Messages to other nodes that could not be published through Redis',
    ),
  };
}
