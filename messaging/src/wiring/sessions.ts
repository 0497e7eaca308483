import {
  RevocationWatch,
  ServiceTokens,
  SessionReader,
  SessionVerifier,
} from '@parley/backend-common';

import { AuthClient } from '../transport/sessions/auth-client.ts';
import { ConnectionCounts } from '../transport/handshake/connection-counts.ts';
import type { TransportMetrics } from '../transport/server/metrics.ts';
import type { SocketServer } from '../transport/server/socket.ts';
import { Handshake } from '../transport/handshake/handshake.ts';
import { clusterChannel } from '../transport/cluster/cluster-channel.ts';
import { SessionCloser } from '../transport/sessions/session-closer.ts';
import { SessionRefresher } from '../transport/sessions/session-refresher.ts';
import { SlowReaders } from '../transport/server/slow-readers.ts';
import type { SocketRegistry } from '../transport/server/socket-registry.ts';
import type { Tuning } from '../transport/tuning/tuning.ts';
import type { Ground } from './ground.ts';

/** Who callers are, and which of their sockets are open here. */
export interface Sessions {
  readonly reader: SessionReader;
  readonly tokens: ServiceTokens;
  readonly verifier: SessionVerifier;
  readonly sockets: SocketRegistry;
  readonly closer: SessionCloser;
  readonly handshake: Handshake;
}

/** Puts together what knows of sessions. */
export function createSessions(
  { config, logger, mongo, now, onFault }: Ground,
  {
    metrics,
    sockets,
    tuning,
  }: {
    readonly metrics: TransportMetrics;
    readonly sockets: SocketRegistry;
    readonly tuning: Tuning;
  },
): Sessions {
  const tokens = new ServiceTokens({ secret: config.secrets.secret, now });
  const reader = new SessionReader(mongo.db);
  const verifier = new SessionVerifier({ sessions: reader, tokens, audience: 'messaging', now });
  const closer = new SessionCloser({ sockets, verifier, now, logger });
  const handshake = new Handshake({
    verifier,
    connectionsOfUser: new ConnectionCounts(),
    connectionsOfAddress: new ConnectionCounts(),
    rules: config,
    limited: config.rateLimits,
    tuning,
    metrics,
    onFault: (error) => onFault('A handshake failed', error),
  });
  return { reader, tokens, verifier, sockets, closer, handshake };
}

/** Closes sockets whose session ends, keeps sessions in use alive, and cuts clients that do not read. */
export function watchSockets(
  { config, logger, now, onFault, resources }: Ground,
  parts: Sessions & {
    readonly io: SocketServer;
    readonly metrics: TransportMetrics;
    readonly tuning: Tuning;
  },
): void {
  const { closer, io, metrics, reader, sockets, tokens, tuning } = parts;
  const onRevoked = (ids: readonly string[]) => closer.end(ids);
  const revocations = new RevocationWatch({ sessions: reader, now, logger, onRevoked });
  clusterChannel(io, 'session:revoked', (error) =>
    onFault('A revocation could not be read', error),
  ).subscribe(onRevoked);
  const { authUrl } = config;
  const auth = authUrl === undefined ? undefined : new AuthClient({ url: authUrl, tokens });
  const keeper = new SessionRefresher({
    sockets,
    sessions: reader,
    closer,
    touch: auth === undefined ? undefined : (ids) => auth.touch(ids),
    now,
    random: Math.random,
    logger,
  });
  const slowReaders = new SlowReaders({
    sockets,
    check: tuning.readingCheck,
    cut: metrics.slowReaders,
    logger,
  });
  for (const watch of [revocations, keeper, slowReaders]) {
    watch.start();
    resources.defer('watch of sockets', () => watch.stop());
  }
}
