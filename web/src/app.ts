import {
  Metrics,
  PeriodicMetrics,
  TokenBuckets,
  connectMongo,
  createHttpApp,
  openClock,
  type Db,
  type HttpState,
  type Logger,
  type Resources,
} from '@parley/backend-common';
import type { Now } from '@parley/common';
import type Koa from 'koa';

import { createBffModule } from './bff/module.ts';
import type { Config } from './config.ts';
import { measureRequests } from './measure-requests.ts';
import { webMetrics } from './metrics.ts';
import { createPagesModule } from './pages/module.ts';
import { createProxyModule, type ProxyModule, type Upstreams } from './proxy/module.ts';
import { OwnOrigin } from './proxy/own-origin.ts';
import { Readiness, type Dependency } from './readiness.ts';

/** What a test or the process around the service may replace. */
export interface Overrides {
  readonly now?: Now;
  /** Monotonic milliseconds, for limits and for answers that are kept for a short time. */
  readonly monotonic?: Now;
  readonly logger?: Logger;
  /** Milliseconds that the last messaging node gets to answer an upgrade; default 5 s. */
  readonly upgradePatience?: number;
  /** Milliseconds of silence after which a node is checked; default 3 s. */
  readonly silence?: number;
  /** Milliseconds that a client gets to send the head of a request; default 10 s. */
  readonly headPatience?: number;
  /** Adds the metrics of the process, if the process runs this service alone. */
  readonly processMetrics?: boolean;
}

/** What the service is built from. */
export interface AppOptions {
  readonly config: Config;
  readonly logger: Logger;
  /** Closes what the service opens. */
  readonly resources: Resources;
  readonly overrides: Overrides;
}

/** The web service, which does not listen yet. */
export interface App {
  readonly http: Koa<HttpState>;
  readonly proxy: ProxyModule;
  readonly metrics: Metrics;
}

/**
 * Builds the service from its modules: requests go to the first one that has their path.
 * @throws ConfigError when a folder of pages is not a built one
 */
export async function createApp(options: AppOptions): Promise<App> {
  const { config, logger, overrides, resources } = options;
  const metrics = new Metrics('web');
  if (overrides.processMetrics === true) metrics.collectProcess();
  const counted = webMetrics(metrics);
  const own = new OwnOrigin(config);
  const pages = await createPagesModule(config);
  const mongo = await connectMongo({
    ...{ uri: config.mongoUri, appName: 'parley-web' },
    ...{ logger, metrics },
  });
  resources.defer('mongo', () => mongo.close());
  const periodicMetrics = new PeriodicMetrics(metrics);
  const now = await openClock({
    ...{ db: mongo.db, logger, resources },
    metrics: periodicMetrics,
    instead: overrides.now,
  });
  const proxy = createProxyModule({
    authUrl: config.authUrl,
    messagingUrls: config.messagingUrls,
    origins: config.origins,
    own,
    metrics: counted,
    logger,
    upgradePatience: overrides.upgradePatience,
    silence: overrides.silence,
  });
  resources.defer('proxy', () => proxy.stop());
  const { relay, upstreams } = proxy;
  const bff = createBffModule({
    buckets: config.rateLimits ? new TokenBuckets(overrides.monotonic) : undefined,
    db: mongo.db,
    logger,
    metrics: counted,
    now,
    own,
    periodicMetrics,
    relay,
    secrets: config.secrets,
    upstreams,
  });
  bff.start();
  resources.defer('bff', () => bff.stop());
  const readiness = new Readiness(dependencies(mongo.db, upstreams), overrides.monotonic);

  // No origins: services set the CORS headers of `/api` themselves, and `/bff` sends none.
  const http = createHttpApp({
    ...{ ...config, origins: [], logger, body: 'raw' },
    ready: () => readiness.ready(),
    details: () => readiness.details,
  });
  http.use(measureRequests(counted));
  for (const middleware of [...proxy.middleware, bff.middleware, ...pages.middleware]) {
    http.use(middleware);
  }
  return { http, proxy, metrics };
}

function dependencies(db: Db, { auth, messaging }: Upstreams): Dependency[] {
  return [
    { name: 'mongodb', isNeeded: true, check: () => db.command({ ping: 1 }) },
    { name: 'messaging', isNeeded: true, check: () => messaging.ready() },
    // Without it, nobody can log in, but users who are logged in can read, write and connect.
    { name: 'auth', isNeeded: false, check: () => auth.ready() },
  ];
}
