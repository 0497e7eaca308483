import { createServer, type Server as HttpServer } from 'node:http';
import {
  Dispatcher,
  Metrics,
  RevocationWatch,
  ServiceTokens,
  SessionReader,
  SessionVerifier,
  TokenBuckets,
  connectMongo,
  createClock,
  createHttpApp,
  migrate,
  operationRouter,
  type Logger,
  type Mongo,
  type Resources,
} from '@parley/backend-common';
import { AppError, type Now } from '@parley/common';

import type { Config } from './config.ts';
import { AuthClient } from './gateway/auth-client.ts';
import type { MessagingContext } from './gateway/context.ts';
import { ConnectionCounts } from './gateway/connection-counts.ts';
import { createGatewayServer } from './gateway/create-server.ts';
import { createGatewayMetrics, type GatewayMetrics } from './gateway/gateway-metrics.ts';
import type { GatewayServer } from './gateway/gateway-socket.ts';
import { Gateway, type SocketFollower } from './gateway/gateway.ts';
import { Handshake } from './gateway/handshake.ts';
import { adapterHints } from './gateway/node-hints.ts';
import { isOriginAllowed } from './gateway/origins.ts';
import { openRedisLink, type RedisLink } from './gateway/redis-link.ts';
import { SessionCloser } from './gateway/session-closer.ts';
import { SessionKeeper } from './gateway/session-keeper.ts';
import { SlowReaders } from './gateway/slow-readers.ts';
import { SocketOperations } from './gateway/socket-operations.ts';
import { SocketRegistry } from './gateway/socket-registry.ts';
import { UpgradedSockets } from './gateway/upgraded-sockets.ts';
import { createHandlers, served } from './handlers.ts';
import { messagingMigrations } from './migrations/index.ts';

/** What a test or the process around the service decides. */
export interface Overrides {
  readonly now?: Now;
  readonly logger?: Logger;
  /** Checks each answer against the contract. */
  readonly checkOutput?: boolean;
  /** Adds the metrics of the process, where this service has one of its own. */
  readonly processMetrics?: boolean;
  /** Milliseconds until somebody without a connection counts as away. */
  readonly presenceGrace?: number;
}

/** What the service needs from outside to be put together. */
export interface Surroundings {
  readonly config: Config;
  readonly logger: Logger;
  readonly resources: Resources;
  readonly overrides: Overrides;
}

/** A node of the messaging service, put together but not listening. */
export interface App {
  readonly server: HttpServer;
  readonly metrics: Metrics;
  /** Sends clients elsewhere: finishes what is under way, then closes every connection. */
  drain(): Promise<void>;
}

interface Ground extends Surroundings {
  readonly mongo: Mongo;
  readonly metrics: Metrics;
  readonly now: Now;
}

/** Connects what the service needs and puts it together; everything opened is closed through `resources`. */
export async function createApp(surroundings: Surroundings): Promise<App> {
  const { config, logger, overrides } = surroundings;
  const metrics = new Metrics('messaging');
  if (overrides.processMetrics === true) metrics.collectProcess();
  const ground = await prepareGround(surroundings, metrics);
  const sessions = createSessions(ground);
  const gatewayMetrics = createGatewayMetrics(metrics, sessions.sockets);
  const redis = await connectNodes(ground, gatewayMetrics);

  const draining = { begun: false };
  const http = createHttpApp({
    logger,
    origins: config.origins,
    trustedProxies: config.trustedProxies,
    ready: async () => {
      if (draining.begun) throw new AppError('unavailable', 'This node is stopping');
      await ground.mongo.db.command({ ping: 1 });
    },
  });
  const handle = http.callback();
  const server = createServer((request, response) => void handle(request, response));
  const upgraded = new UpgradedSockets(server);
  const io = createGatewayServer({
    http: server,
    longPolling: config.longPolling,
    origins: config.origins,
    mayConnect: (request) => !draining.begun && isOriginAllowed(request, config),
    redis,
  });
  const dispatcher = new Dispatcher({
    operations: served,
    handlers: createHandlers(),
    metrics,
    buckets: config.rateLimits ? new TokenBuckets() : undefined,
    checkOutput: overrides.checkOutput ?? false,
  });
  http.use(
    operationRouter({
      dispatcher,
      authenticate: (bearer) => sessions.verifier.verifyBearer(bearer),
      toContext: (base): MessagingContext => ({ ...base, socket: null }),
    }),
  );
  const operations = new SocketOperations({ dispatcher, logger });
  const gateway = createGateway(ground, {
    ...sessions,
    io,
    upgraded,
    operations,
    followers: [],
    metrics: gatewayMetrics,
  });
  gateway.start();
  watchSockets(ground, { ...sessions, io, metrics: gatewayMetrics });
  return {
    server,
    metrics,
    drain: async () => {
      draining.begun = true;
      gateway.announceDraining();
      await gateway.closeConnections();
    },
  };
}

async function prepareGround(surroundings: Surroundings, metrics: Metrics): Promise<Ground> {
  const { config, logger, overrides, resources } = surroundings;
  const mongo = await connectMongo({ uri: config.mongoUri, appName: 'parley-messaging', logger });
  resources.defer('mongo', () => mongo.close());
  await migrate(mongo.db, messagingMigrations, logger);
  if (overrides.now !== undefined) return { ...surroundings, mongo, metrics, now: overrides.now };
  const clock = await createClock(mongo.db, logger);
  resources.defer('clock', () => clock.close());
  return { ...surroundings, mongo, metrics, now: () => clock.now() };
}

interface Sessions {
  readonly reader: SessionReader;
  readonly tokens: ServiceTokens;
  readonly verifier: SessionVerifier;
  readonly sockets: SocketRegistry;
  readonly closer: SessionCloser;
}

function createSessions({ config, logger, mongo, now }: Ground): Sessions {
  const tokens = new ServiceTokens({ secret: config.secrets.secret, now });
  const reader = new SessionReader(mongo.db);
  const verifier = new SessionVerifier({ sessions: reader, tokens, audience: 'messaging', now });
  const sockets = new SocketRegistry();
  const closer = new SessionCloser({ sockets, verifier, now, logger });
  return { reader, tokens, verifier, sockets, closer };
}

async function connectNodes(
  { config, logger, resources }: Ground,
  { faults, unpublished }: GatewayMetrics,
): Promise<RedisLink | undefined> {
  if (config.redisUrl === undefined) return undefined;
  const link = await openRedisLink({
    url: config.redisUrl,
    logger,
    onUnpublished: () => unpublished.inc(),
    onFault: (error) => {
      faults.inc({ part: 'redis' });
      logger.error({ err: error }, 'A message of another node could not be read');
    },
    onReturn: () => undefined,
  });
  resources.defer('redis', () => link.close());
  return link;
}

function createGateway(
  { config, logger, now }: Ground,
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
    onFault: (error) => logger.error({ err: error }, 'A handshake failed'),
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

/** Closes sockets whose session ends, keeps sessions in use alive, and cuts clients that do not read. */
function watchSockets(
  { config, logger, now, resources }: Ground,
  parts: Sessions & { readonly io: GatewayServer; readonly metrics: GatewayMetrics },
): void {
  const { closer, io, metrics, reader, sockets, tokens } = parts;
  const onRevoked = (ids: readonly string[]) => closer.end(ids);
  const revocations = new RevocationWatch({ sessions: reader, now, logger, onRevoked });
  const onFault = (error: unknown) => logger.warn({ err: error }, 'A revocation was not readable');
  adapterHints(io, 'session:revoked', onFault).onHint(onRevoked);
  const auth =
    config.authUrl === undefined ? undefined : new AuthClient({ url: config.authUrl, tokens });
  const keeper = new SessionKeeper({
    sockets,
    sessions: reader,
    closer,
    touch: auth === undefined ? undefined : (ids) => auth.touch(ids),
    now,
    random: Math.random,
    logger,
  });
  const slowReaders = new SlowReaders({ sockets, cut: metrics.slowReaders, logger });
  for (const watch of [revocations, keeper, slowReaders]) {
    watch.start();
    resources.defer('watch of sockets', () => watch.stop());
  }
}
