import { createServer, type Server as HttpServer } from 'node:http';
import {
  Dispatcher,
  TokenBuckets,
  createHttpApp,
  operationRouter,
  type Metrics,
} from '@parley/backend-common';
import { AppError } from '@parley/common';
import { operations } from '@parley/common/contract';

import { createConversations } from './conversations.ts';
import { ConnectionCounts } from './gateway/connection-counts.ts';
import type { MessagingContext } from './gateway/context.ts';
import { createGatewayServer } from './gateway/create-server.ts';
import { createGatewayMetrics, type GatewayMetrics } from './gateway/gateway-metrics.ts';
import type { GatewayServer } from './gateway/gateway-socket.ts';
import { Gateway, type SocketFollower } from './gateway/gateway.ts';
import { Handshake } from './gateway/handshake.ts';
import { localSockets } from './gateway/local-sockets.ts';
import { adapterHints, noHints } from './gateway/node-hints.ts';
import { isOriginAllowed } from './gateway/origins.ts';
import { pageSender } from './gateway/page-sender.ts';
import { socketEvents } from './gateway/socket-events.ts';
import { SocketOperations } from './gateway/socket-operations.ts';
import { SocketRegistry } from './gateway/socket-registry.ts';
import { UpgradedSockets } from './gateway/upgraded-sockets.ts';
import type { HintBus } from './delivery/ports.ts';
import { createHandlers, type HandlerDeps } from './handlers.ts';
import { TypingService } from './typing/service.ts';
import { prepareGround, type Ground, type Surroundings } from './wiring/ground.ts';
import { connectNodes, type Nodes } from './wiring/nodes.ts';
import { createPresence } from './wiring/presence.ts';
import { createSessions, watchSockets, type Sessions } from './wiring/sessions.ts';

export type { Overrides, Surroundings } from './wiring/ground.ts';

/** A node of the messaging service, put together but not listening. */
export interface App {
  readonly server: HttpServer;
  readonly metrics: Metrics;
  /** Sends clients elsewhere: finishes what is under way, then closes every connection. */
  drain(): Promise<void>;
}

/** Connects what the service needs and puts it together; everything opened is closed through `resources`. */
export async function createApp(surroundings: Surroundings): Promise<App> {
  const ground = await prepareGround(surroundings);
  const { config, metrics } = ground;
  const sockets = new SocketRegistry();
  const gatewayMetrics = createGatewayMetrics(metrics, sockets);
  const sessions = createSessions(ground, sockets);
  const nodes = await connectNodes(ground, gatewayMetrics);

  const draining: Draining = { hasBegun: false };
  const http = createHttp(ground, draining);
  const io = createGatewayServer({
    longPolling: config.longPolling,
    origins: config.origins,
    mayConnect: (request) => !draining.hasBegun && isOriginAllowed(request, config),
    redis: nodes.redis,
  });
  const conversations = createConversations({
    ...ground,
    sockets: localSockets(io, sockets),
    hints: entryHints(ground, { ...nodes, io }),
    events: socketEvents(io),
    pages: pageSender(io),
  });
  const { delivery, entries, log, profiles } = conversations;
  const presence = createPresence(ground, { ...nodes, io, sockets, entries, profiles });
  const typing = new TypingService({
    log,
    events: socketEvents(io),
    monotonic: () => performance.now(),
  });
  const dispatcher = createDispatcher(ground, { conversations, presence, typing });
  http.use(
    operationRouter({
      dispatcher,
      authenticate: (bearer) => sessions.verifier.verifyBearer(bearer),
      toContext: (base): MessagingContext => ({ ...base, socket: null }),
    }),
  );
  const handle = http.callback();
  const server = createServer((request, response) => void handle(request, response));
  const gateway = createGateway(ground, {
    ...sessions,
    io,
    upgraded: new UpgradedSockets(server),
    operations: new SocketOperations({ dispatcher, logger: ground.logger }),
    followers: [delivery, presence],
    metrics: gatewayMetrics,
  });
  nodes.onReturn(() => {
    delivery
      .compareAll()
      .catch((error: unknown) => ground.onFault('Gates were not compared', error));
  });
  io.attach(server);
  gateway.start();
  watchSockets(ground, { ...sessions, io, metrics: gatewayMetrics });
  return {
    server,
    metrics,
    async drain() {
      draining.hasBegun = true;
      gateway.announceDraining();
      await log.close();
      await gateway.closeConnections();
    },
  };
}

/** Whether this node is stopping. */
interface Draining {
  hasBegun: boolean;
}

function createHttp({ config, logger, mongo }: Ground, draining: Draining) {
  return createHttpApp({
    logger,
    origins: config.origins,
    trustedProxies: config.trustedProxies,
    ready: async () => {
      if (draining.hasBegun) throw new AppError('unavailable', 'This node is stopping');
      await mongo.db.command({ ping: 1 });
    },
  });
}

function entryHints(
  { onFault }: Ground,
  { io, redis }: Nodes & { readonly io: GatewayServer },
): HintBus {
  if (redis === undefined) return noHints;
  return adapterHints(io, 'entries', (error) =>
    onFault('Entries of another node could not be read', error),
  );
}

function createDispatcher({ config, metrics, overrides }: Ground, deps: HandlerDeps) {
  return new Dispatcher({
    operations,
    handlers: createHandlers(deps),
    metrics,
    buckets: config.rateLimits ? new TokenBuckets() : undefined,
    checkOutput: overrides.checkOutput ?? false,
  });
}

function createGateway(
  { config, logger, now, onFault }: Ground,
  parts: Sessions & {
    readonly io: GatewayServer;
    readonly upgraded: UpgradedSockets;
    readonly operations: SocketOperations;
    readonly followers: readonly SocketFollower[];
    readonly metrics: GatewayMetrics;
  },
): Gateway {
  const connectionsOfAddress = new ConnectionCounts();
  const handshake = new Handshake({
    verifier: parts.verifier,
    connectionsOfUser: new ConnectionCounts(),
    connectionsOfAddress,
    trustedProxies: config.trustedProxies,
    limited: config.rateLimits,
    metrics: parts.metrics,
    onFault: (error) => onFault('A handshake failed', error),
  });
  return new Gateway({
    ...parts,
    handshake,
    connectionsOfAddress,
    now,
    random: Math.random,
    logger,
  });
}
