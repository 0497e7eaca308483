import { createServer, type Server as HttpServer } from 'node:http';
import {
  Dispatcher,
  EXCHANGES,
  RevocationPoller,
  SharedBuckets,
  createHttpApp,
  internalAdministration,
  operationRouter,
  type Handlers,
} from '@parley/backend-common';
import { AppError } from '@parley/common';
import { operations, type Operations } from '@parley/common/contract';

import { contentRoute } from '../attachments/routes.ts';
import type { Infrastructure } from '../infrastructure.ts';
import type { Module } from '../module.ts';
import type { Cluster } from './cluster/cluster.ts';
import type { MessagingContext } from './server/context.ts';
import { SlowReaders } from './server/slow-readers.ts';
import { SocketOperations } from './server/socket-operations.ts';
import { limitUpgrades } from './server/socket-upgrades.ts';
import { TransportServer } from './server/transport-server.ts';
import { UpgradedSockets } from './server/upgraded-sockets.ts';
import { AuthClient } from './sessions/auth-client.ts';
import { SessionRefresher } from './sessions/session-refresher.ts';
import type { Sockets } from './sockets.ts';

export interface TransportModuleDeps {
  readonly infrastructure: Pick<
    Infrastructure,
    | 'administrators'
    | 'config'
    | 'logger'
    | 'metrics'
    | 'now'
    | 'periodicMetrics'
    | 'ping'
    | 'pushSender'
  >;
  /** Whether each answer is checked against the contract. */
  readonly checkOutput: boolean;
  readonly sockets: Sockets;
  readonly handlers: Handlers<Operations, MessagingContext>;
}

export interface TransportModule extends Module {
  /** The HTTP server. The caller calls `listen`. */
  readonly server: HttpServer;
  /** Tells clients when to reconnect to another node, and refuses new connections. */
  announceDraining(): void;
  /** Closes every connection after the operations in progress are answered. */
  closeConnections(): Promise<void>;
}

/** Serves HTTP and sockets, and dispatches operations to the handlers. */
export function createTransportModule(deps: TransportModuleDeps): TransportModule {
  const { sockets } = deps;
  const { config, logger, now } = deps.infrastructure;
  const { closer, handshake, io, metrics, refusals, registry, tuning } = sockets;
  const limits = config.rateLimits ? createLimits(deps) : undefined;
  const dispatcher = createDispatcher(deps, limits);
  const server = createHttpServer(deps, dispatcher);
  const socketOperations = new SocketOperations({
    ...{ dispatcher, refusals, cut: metrics.cut, logger },
    receive: tuning.receiveEvents,
    onCut: (address) => handshake.slowDown(address),
  });
  const transport = new TransportServer({
    io,
    sockets: registry,
    handshake,
    operations: socketOperations,
    closer,
    upgraded: new UpgradedSockets(server),
    attachments: config.objectStore !== undefined,
    tuning,
    metrics,
    now,
    random: Math.random,
    logger,
  });
  const tasks = [
    ...createPeriodicTasks(deps),
    limits,
    sockets.connections,
    socketOperations.deadline,
  ];
  return {
    name: 'transport',
    handlers: {},
    server,
    announceDraining: () => transport.announceDraining(),
    closeConnections: () => transport.closeConnections(),
    start() {
      io.attach(server);
      limitUpgrades(server);
      transport.start();
      for (const task of tasks) task?.start();
    },
    async stop() {
      for (const task of tasks) await task?.stop();
    },
  };
}

type OperationDispatcher = Dispatcher<Operations, MessagingContext>;

/** The token buckets of users, which the nodes share. */
function createLimits({ infrastructure, sockets }: TransportModuleDeps): SharedBuckets {
  const { logger, metrics, periodicMetrics } = infrastructure;
  return new SharedBuckets({
    redis: sockets.cluster.redis,
    name: 'messaging',
    exchanges: metrics.counter(...EXCHANGES),
    metrics: periodicMetrics,
    logger,
  });
}

function createDispatcher(
  { checkOutput, handlers, infrastructure }: TransportModuleDeps,
  limits: SharedBuckets | undefined,
): OperationDispatcher {
  const { administrators, logger, metrics } = infrastructure;
  return new Dispatcher({
    ...{ operations, handlers, administrators, metrics, logger, checkOutput },
    buckets: limits?.buckets,
  });
}

function createHttpServer(
  { infrastructure, sockets }: TransportModuleDeps,
  dispatcher: OperationDispatcher,
): HttpServer {
  const { config, logger, ping, pushSender } = infrastructure;
  const { cluster, handshake, verifier } = sockets;
  const http = createHttpApp({
    logger,
    origins: config.origins,
    trustedProxies: config.trustedProxies,
    publicOrigin: config.publicOrigin,
    details: () => ({
      push: pushSender.isConfigured ? 'firebase' : 'logged',
      redis: redisState(cluster),
    }),
    // Redis is not checked: without it a node still works, but events from other nodes arrive later.
    async ready() {
      if (!handshake.isOpen) throw new AppError('unavailable', 'This node is stopping');
      await ping();
    },
  });
  const authenticate = (bearer: string | undefined) => verifier.verifyBearer(bearer);
  http.use(
    internalAdministration({
      ...{ tokens: sockets.tokens, audience: 'messaging', operations },
      run: (name, input, context) => dispatcher.run(name, input, { ...context, socket: null }),
    }),
  );
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

function redisState({ link, redis }: Pick<Cluster, 'link' | 'redis'>): string {
  if (redis === undefined) return 'not configured';
  return link.isUp ? 'up' : 'down';
}

/** Closes sockets of ended sessions, extends sessions in use, and disconnects clients that do not read. */
function createPeriodicTasks({ infrastructure, sockets }: TransportModuleDeps) {
  const { config, logger, now, periodicMetrics } = infrastructure;
  const { closer, cluster, metrics, registry, sessions, tokens, tuning } = sockets;
  const onRevoked = (ids: readonly string[]) => closer.end(ids);
  cluster.channel('session:revoked', 'revocation_event_unreadable').subscribe(onRevoked);
  const { authUrl } = config;
  const auth = authUrl === undefined ? undefined : new AuthClient({ url: authUrl, tokens });
  return [
    new RevocationPoller({ sessions, metrics: periodicMetrics, now, logger, onRevoked }),
    new SessionRefresher({
      sockets: registry,
      sessions,
      closer,
      touch: auth === undefined ? undefined : (ids) => auth.touch(ids),
      metrics: periodicMetrics,
      now,
      logger,
    }),
    new SlowReaders({
      sockets: registry,
      check: tuning.readingCheck,
      disconnected: metrics.slowReaders,
      metrics: periodicMetrics,
      logger,
    }),
  ];
}
