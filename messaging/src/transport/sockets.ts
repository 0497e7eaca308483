import { ServiceTokens, SessionReader, SessionVerifier } from '@parley/backend-common';
import type { PublicProfile } from '@parley/common/contract';

import type { SocketEvents } from '../conversations/ports.ts';
import type { LocalSockets } from '../delivery/ports.ts';
import { UserRooms } from '../delivery/user-rooms.ts';
import type { AppOptions, Infrastructure } from '../infrastructure.ts';
import type { PageSender } from '../sync/ports.ts';
import {
  createCluster,
  createClusterBase,
  type Cluster,
  type ClusterBase,
} from './cluster/cluster.ts';
import { ConnectionCounts } from './handshake/connection-counts.ts';
import { HandshakeDeadline } from './handshake/handshake-deadline.ts';
import { HandshakePace } from './handshake/handshake-pace.ts';
import { Handshake } from './handshake/handshake.ts';
import { SharedConnections, noneElsewhere } from './handshake/shared-connections.ts';
import { lookUpConversations } from './rooms/conversation-rooms.ts';
import { localSockets } from './rooms/local-sockets.ts';
import { conversationRoom, userRoom } from './rooms/names.ts';
import { pageSender } from './rooms/page-sender.ts';
import { socketEvents } from './rooms/socket-events.ts';
import { createSocketServer } from './server/create-server.ts';
import { createTransportMetrics, type TransportMetrics } from './server/metrics.ts';
import { RefusalLimit } from './server/refusal-limit.ts';
import type { SocketServer } from './server/socket.ts';
import { SocketRegistry } from './server/socket-registry.ts';
import { SessionCloser } from './sessions/session-closer.ts';
import { ALL_TUNING, createTuning, type Tuning } from './tuning/tuning.ts';

type Base = Pick<
  Infrastructure,
  'db' | 'entryHops' | 'logger' | 'metrics' | 'now' | 'periodicMetrics' | 'reportFault'
>;

/** The sockets of this node, their sessions, and the other nodes. */
export interface Sockets {
  readonly io: SocketServer;
  readonly tuning: Tuning;
  readonly cluster: Cluster;
  readonly registry: SocketRegistry;
  readonly metrics: TransportMetrics;
  readonly handshake: Handshake;
  /** Absent where limits are switched off. */
  readonly refusals: RefusalLimit | undefined;
  /** Absent where this is the only node, or connections are not limited. */
  readonly connections: SharedConnections | undefined;
  readonly sessions: SessionReader;
  readonly verifier: SessionVerifier;
  readonly closer: SessionCloser;
  readonly tokens: ServiceTokens;
  /** Sends events to sockets of every node. */
  readonly events: SocketEvents;
  /** The sockets of this node only. */
  readonly local: LocalSockets;
  readonly pages: PageSender;
  /** Sends a changed profile once to each socket of this node in the rooms of these conversations. */
  sendProfile(
    profile: PublicProfile,
    to: { readonly conversationIds: readonly string[]; readonly exceptUserIds: readonly string[] },
  ): void;
}

/** Creates the Socket.IO server, which accepts no connections yet, and opens the link to the other nodes, if any. */
export async function openSockets(
  infrastructure: Base,
  { config, overrides, resources }: AppOptions,
): Promise<Sockets> {
  const { db, logger, now, reportFault } = infrastructure;
  const tuning = createTuning({ ...ALL_TUNING, ...overrides.tuning });
  const registry = new SocketRegistry();
  const metrics = createTransportMetrics(infrastructure.metrics, registry);
  const tokens = new ServiceTokens({ ...config.secrets, now });
  const sessions = new SessionReader(db);
  const verifier = new SessionVerifier({ sessions, tokens, audience: 'messaging', now });
  const base = createClusterBase(config.redisUrl, {
    ...infrastructure,
    unpublished: metrics.unpublished,
  });
  const { transport } = base;
  if (transport !== undefined) resources.defer('cluster link', () => transport.close());
  const counts = { user: new ConnectionCounts(), address: new ConnectionCounts() };
  const connections = config.rateLimits
    ? shareConnections(infrastructure, base, counts)
    : undefined;
  const refusals = config.rateLimits ? new RefusalLimit() : undefined;
  const handshake = new Handshake({
    verifier,
    refusals,
    connectionsOfUser: counts.user,
    connectionsOfAddress: counts.address,
    elsewhere: connections ?? noneElsewhere,
    rules: config,
    limited: config.rateLimits,
    pace: new HandshakePace(overrides.handshakeWait),
    deadline: new HandshakeDeadline(overrides.handshakePatience),
    tuning,
    metrics,
    onFault: (error) => reportFault('handshake_failed', error),
  });
  const io = createSocketServer({
    longPolling: config.longPolling,
    origins: config.origins,
    mayConnect: (request) => handshake.mayBegin(request),
    redis: transport?.redis,
    tuning,
    patience: overrides.handshakePatience,
  });
  const rooms = createRooms(io);
  // Opened after the adapter has named its subscriptions, so that the link is up once they are in place.
  await transport?.open();
  return {
    io,
    tuning,
    cluster: createCluster(base, io, reportFault),
    ...{ registry, metrics, handshake, refusals, connections, sessions, verifier, tokens },
    closer: new SessionCloser({ sockets: registry, verifier, now, logger }),
    events: socketEvents(io),
    local: localSockets({ io, registry, rooms, tuning, logger, hops: infrastructure.entryHops }),
    pages: pageSender(io, tuning),
    sendProfile: profileSender(io),
  };
}

function createRooms(io: SocketServer): UserRooms {
  const rooms = new UserRooms(() => performance.now());
  lookUpConversations(io, rooms);
  return rooms;
}

function profileSender(io: SocketServer): Sockets['sendProfile'] {
  return (profile, { conversationIds, exceptUserIds }) => {
    // An empty list of rooms would mean every socket.
    if (conversationIds.length === 0) return;
    const rooms = io.local.to(conversationIds.map(conversationRoom));
    rooms.except(exceptUserIds.map(userRoom)).emit('profile', profile);
  };
}

function shareConnections(
  { logger, metrics, periodicMetrics }: Base,
  { nodeId, nodes, onReconnected, transport }: ClusterBase,
  counts: Readonly<Record<'user' | 'address', ConnectionCounts>>,
): SharedConnections | undefined {
  if (transport === undefined) return undefined;
  const connections = new SharedConnections({
    redis: transport.redis.commands,
    ...{ nodeId, nodes, counts, periodicMetrics, logger },
    lookups: metrics.counter(
      'parley_connection_lookups_total',
      'Look-ups of connections to other nodes in handshakes, by result',
      { result: ['ok', 'failed'] },
    ),
  });
  onReconnected(() => connections.renew());
  return connections;
}
