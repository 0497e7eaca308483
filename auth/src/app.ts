import { randomBytes } from 'node:crypto';
import {
  Dispatcher,
  Metrics,
  PeriodicMetrics,
  RevocationPoller,
  ServiceTokens,
  SessionReader,
  SessionVerifier,
  TokenBuckets,
  connectMongo,
  connectRedis,
  createClock,
  createHttpApp,
  deriveKey,
  migrate,
  operationRouter,
  type HttpState,
  type Logger,
  type Mongo,
  type Resources,
} from '@parley/backend-common';
import { BlockReader } from '@parley/backend-common/domain';
import { createIdGenerator, type Now } from '@parley/common';
import { authOperations } from '@parley/common/contract';
import type Koa from 'koa';

import { HashQueue } from './accounts/hash-queue.ts';
import { Argon2Hasher, type PasswordHasher } from './accounts/password-hasher.ts';
import { AccountService } from './accounts/service.ts';
import { ThrottleRepository } from './accounts/throttle-repository.ts';
import { LoginThrottle } from './accounts/throttle.ts';
import type { Config } from './config.ts';
import { internalRoutes } from './internal-routes.ts';
import { migrations } from './migrations/index.ts';
import { UserRepository } from './profiles/repository.ts';
import { ProfileService } from './profiles/service.ts';
import { createHandlers } from './routes.ts';
import { SessionActivity } from './sessions/activity.ts';
import { RedisAnnouncer, silentAnnouncer, type RevocationAnnouncer } from './sessions/announcer.ts';
import { SessionRepository } from './sessions/repository.ts';
import { SessionService } from './sessions/service.ts';

/** What a test or the process around the service decides. */
export interface Overrides {
  readonly now?: Now;
  readonly logger?: Logger;
  readonly hasher?: PasswordHasher;
  /** Checks each answer against the contract. */
  readonly checkOutput?: boolean;
  /** Adds the metrics of the process, where this service has one of its own. */
  readonly processMetrics?: boolean;
}

/** What the service needs from outside to be put together. */
export interface Surroundings {
  readonly config: Config;
  readonly logger: Logger;
  readonly resources: Resources;
  readonly overrides: Overrides;
}

/** The auth service, put together but not listening. */
export interface App {
  readonly http: Koa<HttpState>;
  readonly metrics: Metrics;
}

/** Connects what the service needs and puts it together; everything opened is closed through `resources`. */
export async function createApp(surroundings: Surroundings): Promise<App> {
  const { config, logger, resources } = surroundings;
  const metrics = new Metrics('auth');
  if (surroundings.overrides.processMetrics === true) metrics.collectProcess();
  const mongo = await connectMongo({ uri: config.mongoUri, appName: 'parley-auth', logger });
  resources.defer('mongo', () => mongo.close());
  await migrate(mongo.db, migrations, logger);
  const now = await chooseClock(surroundings, mongo);
  const tokens = new ServiceTokens({ secret: config.secrets.secret, now });
  const reader = new SessionReader(mongo.db);
  const verifier = new SessionVerifier({ sessions: reader, tokens, audience: 'auth', now });
  const periodicMetrics = new PeriodicMetrics(metrics);
  const revocations = new RevocationPoller({
    sessions: reader,
    now,
    metrics: periodicMetrics,
    logger,
    onRevoked: (ids) => verifier.forget(ids),
  });
  revocations.start();
  resources.defer('revocation poller', () => revocations.stop());

  const parts: Parts = { ...surroundings, metrics, mongo, now, periodicMetrics, verifier };
  const sessions = createSessions(parts);
  const users = new UserRepository(mongo.db);
  const accounts = await createAccounts(parts, { sessions, users });
  const profiles = new ProfileService({ users, now, blocks: new BlockReader(mongo.db) });
  const { registration, webPush } = config;
  const dispatcher = new Dispatcher({
    operations: authOperations,
    handlers: createHandlers({ accounts, sessions, profiles, registration, webPush }),
    metrics,
    buckets: config.rateLimits ? new TokenBuckets() : undefined,
    checkOutput: surroundings.overrides.checkOutput ?? false,
  });

  const http = createHttpApp({
    logger,
    origins: config.origins,
    trustedProxies: config.trustedProxies,
    ready: async () => {
      await mongo.db.command({ ping: 1 });
    },
  });
  http.use(internalRoutes({ tokens, sessions }));
  http.use(
    operationRouter({
      dispatcher,
      authenticate: async (bearer) => {
        const caller = await verifier.verifyBearer(bearer);
        sessions.noteUse(caller.sessionId);
        return caller;
      },
      toContext: (base) => base,
    }),
  );
  return { http, metrics };
}

interface Parts extends Surroundings {
  readonly metrics: Metrics;
  readonly mongo: Mongo;
  readonly now: Now;
  readonly periodicMetrics: PeriodicMetrics;
  readonly verifier: SessionVerifier;
}

async function chooseClock({ logger, overrides, resources }: Surroundings, mongo: Mongo) {
  if (overrides.now !== undefined) return overrides.now;
  const clock = await createClock(mongo.db, logger);
  resources.defer('clock', () => clock.close());
  return () => clock.now();
}

function createSessions(parts: Parts): SessionService {
  const { logger, metrics, mongo, now, periodicMetrics, resources, verifier } = parts;
  const repository = new SessionRepository(mongo.db);
  const activity = new SessionActivity({ repository, now, metrics: periodicMetrics, logger });
  activity.start();
  resources.defer('session activity', () => activity.stop());
  const announcer = createAnnouncer(parts);
  return new SessionService({
    repository,
    activity,
    now,
    createId: createIdGenerator(now, (into) => crypto.getRandomValues(into)),
    createToken: () => randomBytes(32).toString('base64url'),
    onRevoked: (sessionIds) => {
      verifier.forget(sessionIds);
      announcer.announce(sessionIds);
    },
    created: metrics.counter('parley_sessions_created_total', 'Sessions created'),
    revoked: metrics.counter('parley_sessions_revoked_total', 'Sessions ended by their user'),
  });
}

function createAnnouncer({ config, logger, resources }: Surroundings): RevocationAnnouncer {
  if (config.redisUrl === undefined) return silentAnnouncer;
  const redis = connectRedis({ url: config.redisUrl, name: 'parley-auth', logger });
  resources.defer('redis', () => redis.disconnect());
  // Not waited for: without Redis everything works, only later. The client comes back by itself.
  redis.connect().catch(() => undefined);
  return new RedisAnnouncer({ redis, logger });
}

async function createAccounts(
  { config, logger, metrics, mongo, now, overrides, resources }: Parts,
  used: { readonly sessions: SessionService; readonly users: UserRepository },
): Promise<AccountService> {
  const queue = new HashQueue({ concurrency: config.hashConcurrency });
  resources.defer('hash queue', () => queue.close());
  metrics.observed(
    'parley_hash_queue_depth',
    'Password hashes waiting or being computed',
    () => queue.depth,
  );
  const hasher = overrides.hasher ?? new Argon2Hasher();
  const throttle = new LoginThrottle({
    repository: new ThrottleRepository(mongo.db),
    key: deriveKey(config.secrets.secret, 'login-throttle'),
    now,
    requests: config.rateLimits ? new TokenBuckets(overrides.now) : undefined,
  });
  return new AccountService({
    ...used,
    hasher,
    queue,
    throttle,
    registration: config.registration,
    decoyHash: await hasher.hash(randomBytes(32).toString('base64url')),
    now,
    createId: createIdGenerator(now, (into) => crypto.getRandomValues(into)),
    logger,
    logins: metrics.counter('parley_logins_total', 'Logins by result', ['result']),
  });
}
