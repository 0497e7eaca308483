import { createServer, type Server as HttpServer } from 'node:http';
import {
  Dispatcher,
  TokenBuckets,
  createHttpApp,
  operationRouter,
  type Metrics,
} from '@parley/backend-common';
import { AppError } from '@parley/common';
import { operations, type Operations } from '@parley/common/contract';

import { contentRoute } from './attachments/routes.ts';
import type { MessagingContext } from './transport/server/context.ts';
import { createSocketServer } from './transport/server/create-server.ts';
import { createTransportMetrics } from './transport/server/metrics.ts';
import { TransportServer } from './transport/server/transport-server.ts';
import type { Handshake } from './transport/handshake/handshake.ts';
import { SocketOperations } from './transport/server/socket-operations.ts';
import { SocketRegistry } from './transport/server/socket-registry.ts';
import { UpgradedSockets } from './transport/server/upgraded-sockets.ts';
import { ALL_TUNING, createTuning } from './transport/tuning/tuning.ts';
import { createHandlers, type HandlerDeps } from './handlers.ts';
import { createFeatures } from './wiring/features.ts';
import { prepareGround, type Ground, type Surroundings } from './wiring/ground.ts';
import { connectNodes } from './wiring/nodes.ts';
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
  const { config, logger, now } = ground;
  const tuning = createTuning({ ...ALL_TUNING, ...ground.overrides.tuning });
  const sockets = new SocketRegistry();
  const metrics = createTransportMetrics(ground.metrics, sockets);
  const sessions = createSessions(ground, { sockets, metrics, tuning });
  const nodes = await connectNodes(ground, metrics);
  const { handshake } = sessions;
  const io = createSocketServer({
    longPolling: config.longPolling,
    origins: config.origins,
    mayConnect: (request) => handshake.mayBegin(request),
    redis: nodes.redis,
    tuning,
  });

  const features = await createFeatures(ground, { ...nodes, io, sockets, tuning }, sessions);
  const { delivery, log } = features.conversations;
  const dispatcher = createDispatcher(ground, features);
  const server = createHttpServer(ground, { ...sessions, dispatcher, push: features.push });
  const transport = new TransportServer({
    ...{ io, sockets, handshake, tuning, metrics, now, logger },
    closer: sessions.closer,
    operations: new SocketOperations({ dispatcher, logger }),
    upgraded: new UpgradedSockets(server),
    followers: [delivery, features.presence, features.foreground],
    attachments: config.objectStore !== undefined,
    random: Math.random,
  });
  io.attach(server);
  transport.start();
  watchSockets(ground, { ...sessions, io, metrics, tuning });
  return {
    server,
    metrics: ground.metrics,
    async drain() {
      transport.announceDraining();
      await log.close();
      await transport.closeConnections();
    },
  };
}

type OperationDispatcher = Dispatcher<Operations, MessagingContext>;

function createDispatcher(
  { config, metrics, overrides }: Ground,
  deps: HandlerDeps,
): OperationDispatcher {
  return new Dispatcher({
    operations,
    handlers: createHandlers(deps),
    metrics,
    buckets: config.rateLimits ? new TokenBuckets() : undefined,
    checkOutput: overrides.checkOutput ?? false,
  });
}

function createHttpServer(
  { config, logger, mongo }: Ground,
  parts: Sessions & { readonly dispatcher: OperationDispatcher; readonly push: string },
): HttpServer {
  const { dispatcher, handshake, push, verifier } = parts;
  const http = createHttpApp({
    logger,
    origins: config.origins,
    trustedProxies: config.trustedProxies,
    details: { push },
    ready: () => requireReady(handshake, () => mongo.db.command({ ping: 1 })),
  });
  const authenticate = (bearer: string | undefined) => verifier.verifyBearer(bearer);
  http.use(contentRoute({ authenticate, dispatcher }));
  http.use(
    operationRouter({
      dispatcher,
      authenticate,
      toContext: (base): MessagingContext => ({ ...base, socket: null }),
    }),
  );
  const handle = http.callback();
  return createServer((request, response) => void handle(request, response));
}

/** Redis is not asked: without it everything goes on, only later. */
async function requireReady(handshake: Handshake, ask: () => Promise<unknown>): Promise<void> {
  if (!handshake.isOpen) throw new AppError('unavailable', 'This node is stopping');
  await ask();
}
