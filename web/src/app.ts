import {
  Metrics,
  RevocationWatch,
  ServiceTokens,
  SessionReader,
  SessionVerifier,
  TokenBuckets,
  connectMongo,
  createClock,
  createHttpApp,
  type HttpState,
  type Logger,
  type Mongo,
  type Resources,
} from '@parley/backend-common';
import type { Now } from '@parley/common';
import type Koa from 'koa';

import { bffRoutes } from './bff/routes.ts';
import { SessionCookie } from './bff/session-cookie.ts';
import { WebSessions } from './bff/web-sessions.ts';
import type { Config } from './config.ts';
import { measureRequests } from './measure-requests.ts';
import { webMetrics, type WebMetrics } from './metrics.ts';
import { serveDocs } from './pages/docs.ts';
import { serveStatic } from './pages/static.ts';
import { loadWebFiles } from './pages/web-files.ts';
import { OwnOrigin } from './proxy/own-origin.ts';
import { proxyApi, proxyPolling } from './proxy/proxy.ts';
import { Relay } from './proxy/relay.ts';
import { Tunnels } from './proxy/tunnels.ts';
import { UpstreamNodes } from './proxy/upstream-nodes.ts';
import { Upstream } from './proxy/upstream.ts';
import { readiness } from './readiness.ts';

/** What a test or the process around the service decides. */
export interface Overrides {
  readonly now?: Now;
  /** Milliseconds that never go back: for limits and for what stands for a short while. */
  readonly monotonic?: Now;
  readonly logger?: Logger;
  /** Milliseconds that a messaging node gets to answer an upgrade. */
  readonly upgradePatience?: number;
  /** Milliseconds that a client gets to send the head of a request; default 10 s. */
  readonly headPatience?: number;
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

/** The web service, put together but not listening. */
export interface App {
  readonly http: Koa<HttpState>;
  /** Takes the WebSocket upgrades of the HTTP server. */
  readonly tunnels: Tunnels;
  readonly metrics: Metrics;
}

/**
 * Connects what the service needs and puts it together; everything opened is closed through `resources`.
 * @throws ConfigError when the web root is no web app
 */
export async function createApp(surroundings: Surroundings): Promise<App> {
  const { config, logger, overrides, resources } = surroundings;
  const metrics = new Metrics('web');
  if (overrides.processMetrics === true) metrics.collectProcess();
  const counted = webMetrics(metrics);
  const [files, docs] = await Promise.all([
    loadFolder(config.webRoot, 'PARLEY_WEB_ROOT'),
    loadFolder(config.docsRoot, 'PARLEY_DOCS_ROOT'),
  ]);
  const mongo = await connectMongo({ uri: config.mongoUri, appName: 'parley-web', logger });
  resources.defer('mongo', () => mongo.close());
  const now = await chooseClock(surroundings, mongo);
  const own = new OwnOrigin(config);
  const relay = new Relay({ own });
  const nodes = new UpstreamNodes(config.messagingUrls);
  const upstreams = reachServices(surroundings, { metrics: counted, nodes });
  const cookie = new SessionCookie({ own, now });
  const sessions = readSessions(surroundings, { cookie, mongo, now });
  const buckets = config.rateLimits ? new TokenBuckets(overrides.monotonic) : undefined;
  const parts = [
    () => mongo.db.command({ ping: 1 }),
    () => upstreams.auth.ready(),
    () => upstreams.messaging.ready(),
  ];
  const ready = readiness(parts, overrides.monotonic);

  // No origins here: what `/api` says to others is the services' to say, and `/bff` speaks to none.
  const http = createHttpApp({ ...config, origins: [], logger, ready, body: 'raw' });
  http.use(measureRequests(counted));
  http.use(proxyApi({ relay, upstreams, origins: config.origins }));
  http.use(proxyPolling({ relay, upstreams }));
  http.use(
    bffRoutes({ buckets, cookie, logger, metrics: counted, own, relay, sessions, upstreams }),
  );
  http.use(serveDocs({ own, files: docs }));
  http.use(serveStatic({ files, own, store: config.storeOrigin, webPush: config.webPush }));
  const patience = overrides.upgradePatience;
  return {
    http,
    metrics,
    tunnels: new Tunnels({ nodes, own, metrics: counted, logger, patience }),
  };
}

async function loadFolder(root: string | undefined, variable: string) {
  return root === undefined ? undefined : loadWebFiles({ root, variable });
}

async function chooseClock({ logger, overrides, resources }: Surroundings, mongo: Mongo) {
  if (overrides.now !== undefined) return overrides.now;
  const clock = await createClock(mongo.db, logger);
  resources.defer('clock', () => clock.close());
  return () => clock.now();
}

function reachServices(
  { config, resources }: Surroundings,
  { metrics, nodes }: { readonly metrics: WebMetrics; readonly nodes: UpstreamNodes },
) {
  const auth = new Upstream({ name: 'auth', nodes: new UpstreamNodes([config.authUrl]), metrics });
  resources.defer('connections to auth', () => auth.close());
  const messaging = new Upstream({ name: 'messaging', nodes, metrics });
  resources.defer('connections to messaging', () => messaging.close());
  return { auth, messaging };
}

function readSessions(
  { config, logger, resources }: Surroundings,
  used: { readonly cookie: SessionCookie; readonly mongo: Mongo; readonly now: Now },
): WebSessions {
  const { cookie, mongo, now } = used;
  const sessions = new SessionReader(mongo.db);
  const tokens = new ServiceTokens({ secret: config.secrets.secret, now });
  const verifier = new SessionVerifier({ sessions, tokens, audience: 'auth', now });
  const onRevoked = (ids: readonly string[]) => verifier.forget(ids);
  const watch = new RevocationWatch({ sessions, now, logger, onRevoked });
  watch.start();
  resources.defer('revocation watch', () => watch.stop());
  return new WebSessions({ cookie, verifier, tokens });
}
