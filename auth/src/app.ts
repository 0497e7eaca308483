import {
  Dispatcher,
  EXCHANGES,
  Metrics,
  PeriodicMetrics,
  ServiceTokens,
  SharedBuckets,
  connectMongo,
  connectRedis,
  createHttpApp,
  internalAdministration,
  migrate,
  openClock,
  operationRouter,
  transactionsOf,
  type Db,
  type HttpState,
  type Logger,
  type Mongo,
  type Redis,
  type RequestContext,
  type Resources,
} from '@parley/backend-common';
import { AdministratorReader, Administrators } from '@parley/backend-common/domain';
import { createIdGenerator, type Now } from '@parley/common';
import { authOperations, type AuthOperations } from '@parley/common/contract';
import type Koa from 'koa';

import { createAccountsModule, type AccountsModule } from './accounts/module.ts';
import { Argon2Hasher, type PasswordHasher } from './accounts/password-hasher.ts';
import { createAdministrationModule } from './administration/module.ts';
import type { Config } from './config.ts';
import { internalRoutes } from './internal-routes.ts';
import { createMetaModule } from './meta/module.ts';
import { migrations } from './migrations/index.ts';
import { createProfilesModule } from './profiles/module.ts';
import { createSessionsModule, type SessionsModule } from './sessions/module.ts';

/** What a test or the process around the service may replace. */
export interface Overrides {
  readonly now?: Now;
  readonly logger?: Logger;
  readonly hasher?: PasswordHasher;
  /** Checks each answer against the contract. */
  readonly checkOutput?: boolean;
  /** Adds the metrics of the process, if the process runs this service alone. */
  readonly processMetrics?: boolean;
}

/** What the service is built from. */
export interface AppOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly resources: Resources;
  readonly overrides: Overrides;
}

/** The auth service, built but not listening. */
export interface App {
  readonly http: Koa<HttpState>;
  readonly metrics: Metrics;
}

/** Connects to MongoDB, builds the features and starts them. Everything opened is closed through `resources`. */
export async function createApp(options: AppOptions): Promise<App> {
  const { config, logger, overrides, resources } = options;
  const { admins, publicOrigin, registration, webPush } = config;
  const metrics = new Metrics('auth');
  if (overrides.processMetrics === true) metrics.collectProcess();
  const mongo = await openMongo(options, metrics);
  const { db } = mongo;
  const transact = transactionsOf(mongo.client);
  const administrators = new Administrators({ listed: admins, users: new AdministratorReader(db) });
  const periodicMetrics = new PeriodicMetrics(metrics);
  const now = await openClock({
    ...{ db, logger, resources },
    metrics: periodicMetrics,
    instead: overrides.now,
  });
  const newId = createIdGenerator(now, (into) => crypto.getRandomValues(into));
  const tokens = new ServiceTokens({ ...config.secrets, now });

  const redis = openRedis(options, metrics);
  const limits = config.rateLimits
    ? createLimits(options, { redis, metrics, periodicMetrics })
    : undefined;
  const sessions = createSessionsModule({
    ...{ db, redis, tokens, now, newId, metrics, periodicMetrics, logger },
  });
  const profiles = createProfilesModule({ db, now });
  const people = { users: profiles.users, sessions: sessions.sessions };
  const accounts = await createAccountsModule({
    ...{ db, registration, publicOrigin, administrators, transact, now, newId, metrics, logger },
    ...people,
    hasher: overrides.hasher ?? new Argon2Hasher(),
    hashConcurrency: config.hashConcurrency,
    secret: config.secrets.secret,
    requests: limits?.ofAddresses.buckets,
  });
  const administration = createAdministrationModule({ ...people, ...accounts, db, transact, now });
  const meta = createMetaModule({ registration, webPush });
  startAll([sessions, profiles, accounts, meta, ...Object.values(limits ?? {})], resources);

  const dispatcher = new Dispatcher({
    operations: authOperations,
    handlers: {
      ...accounts.handlers,
      ...sessions.handlers,
      ...profiles.handlers,
      ...meta.handlers,
      ...administration.handlers,
    },
    administrators,
    metrics,
    logger,
    buckets: limits?.ofUsers.buckets,
    checkOutput: overrides.checkOutput ?? false,
  });
  return { http: createHttp(options, { accounts, db, dispatcher, sessions, tokens }), metrics };
}

interface HttpDeps {
  readonly accounts: AccountsModule;
  readonly db: Db;
  readonly dispatcher: Dispatcher<AuthOperations, RequestContext>;
  readonly sessions: SessionsModule;
  readonly tokens: ServiceTokens;
}

/** Serves the operations of the contract, and what the messaging nodes call. */
function createHttp(
  { config: { origins, trustedProxies }, logger }: AppOptions,
  { accounts, db, dispatcher, sessions, tokens }: HttpDeps,
): Koa<HttpState> {
  const ready = async () => {
    await db.command({ ping: 1 });
  };
  const http = createHttpApp({ logger, origins, trustedProxies, ready });
  const { deletion } = accounts;
  http.use(internalRoutes({ tokens, sessions: sessions.sessions, deletion }));
  http.use(
    internalAdministration({
      ...{ tokens, audience: 'auth', operations: authOperations },
      run: (name, input, context) => dispatcher.run(name, input, context),
    }),
  );
  const authenticate = (bearer: string | undefined) => sessions.authenticate(bearer);
  http.use(operationRouter({ dispatcher, authenticate, toContext: (base) => base }));
  return http;
}

/** Starts modules one after the other. What stops them is deferred, so that they stop in reverse. */
function startAll(
  modules: readonly { readonly name: string; start?(): void; stop?(): Promise<void> | void }[],
  resources: Resources,
): void {
  for (const module of modules) {
    resources.defer(module.name, () => module.stop?.());
    module.start?.();
  }
}

/** Not awaited: without Redis everything works, and the client connects when Redis is there. */
function openRedis({ config, logger, resources }: AppOptions, metrics: Metrics): Redis | undefined {
  if (config.redisUrl === undefined) return undefined;
  const redis = connectRedis({ url: config.redisUrl, name: 'parley-auth', logger });
  resources.defer('redis', () => redis.disconnect());
  redis.connect().catch(() => undefined);
  metrics.observed('parley_redis_up', '1 while this process is connected to Redis', () =>
    Number(redis.status === 'ready'),
  );
  return redis;
}

/** The token buckets of users and of addresses, which the processes of this service share. */
function createLimits(
  { logger, overrides }: AppOptions,
  deps: {
    readonly redis: Redis | undefined;
    readonly metrics: Metrics;
    readonly periodicMetrics: PeriodicMetrics;
  },
): Readonly<Record<'ofUsers' | 'ofAddresses', SharedBuckets>> {
  const exchanges = deps.metrics.counter(...EXCHANGES);
  const shared = { redis: deps.redis, exchanges, metrics: deps.periodicMetrics, logger };
  return {
    ofUsers: new SharedBuckets({ ...shared, name: 'auth' }),
    ofAddresses: new SharedBuckets({ ...shared, name: 'auth-address', now: overrides.now }),
  };
}

async function openMongo(
  { config, logger, resources }: AppOptions,
  metrics: Metrics,
): Promise<Mongo> {
  const mongo = await connectMongo({
    ...{ uri: config.mongoUri, appName: 'parley-auth' },
    ...{ logger, metrics },
  });
  resources.defer('mongo', () => mongo.close());
  await migrate(mongo.db, migrations, logger);
  return mongo;
}
