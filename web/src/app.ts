import { createServer, type Server } from 'node:http';
import {
  Metrics,
  Resources,
  RevocationWatch,
  ServiceTokens,
  SessionReader,
  SessionVerifier,
  TokenBuckets,
  closeServer,
  connectMongo,
  createClock,
  createHttpApp,
  createLogger,
  listen,
  serveMetrics,
  type Db,
  type Environment,
  type Logger,
  type RunningService,
} from '@parley/backend-common';
import { SECOND, type Now } from '@parley/common';
import type Koa from 'koa';

import { bffRoutes } from './bff/routes.ts';
import { readConfig, type Config } from './config.ts';
import { measureRequests } from './measure-requests.ts';
import { OwnOrigin } from './proxy/own-origin.ts';
import { proxyApi, proxyPolling } from './proxy/proxy.ts';
import { readiness } from './readiness.ts';
import { Relay } from './proxy/relay.ts';
import { SessionCookie } from './bff/session-cookie.ts';
import { serveStatic } from './pages/static.ts';
import { Tunnels } from './proxy/tunnels.ts';
import { Upstream } from './proxy/upstream.ts';
import { UpstreamNodes } from './proxy/upstream-nodes.ts';
import { loadWebFiles } from './pages/web-files.ts';
import { webMetrics, type WebMetrics } from './metrics.ts';
import { WebSessions } from './bff/web-sessions.ts';

/** What tests replace. */
export interface Overrides {
  readonly logger?: Logger;
  readonly now?: Now;
}

/** The web service, wired and not yet listening. */
export interface WebApp {
  readonly server: Server;
  readonly metrics: Metrics;
  close(): Promise<void>;
}

/** A client that sends slowly holds a connection no longer than this (milliseconds). */
const TIMEOUTS = {
  headersTimeout: 10 * SECOND,
  requestTimeout: 30 * SECOND,
  keepAliveTimeout: 65 * SECOND,
  connectionsCheckingInterval: 2 * SECOND,
};

interface Parts {
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly resources: Resources;
}

/** Opens what the service needs and wires it. @throws ConfigError when the web root is no web app */
export async function createApp(config: Config, overrides: Overrides = {}): Promise<WebApp> {
  const logger =
    overrides.logger ??
    createLogger({ service: 'web', level: config.logLevel, directory: config.logDirectory });
  const metrics = new Metrics('web');
  const resources = new Resources(logger);
  try {
    const server = await wire({ config, logger, metrics, resources }, overrides.now);
    return { server, metrics, close: () => resources.close() };
  } catch (error) {
    await resources.close();
    throw error;
  }
}

/** Starts the web service and resolves when it answers. */
export async function startWeb(
  env: Environment,
  overrides: Overrides = {},
): Promise<RunningService> {
  const config = readConfig(env);
  const app = await createApp(config, overrides);
  try {
    const { host, metricsPort, port } = config;
    app.metrics.collectProcess();
    const exposed = await serveMetrics(app.metrics, { host, port: metricsPort });
    const close = async () => {
      await app.close();
      await exposed.close();
    };
    const url = await listen(app.server, { host, port }).catch(async (error: unknown) => {
      await exposed.close();
      throw error;
    });
    return { url, metricsUrl: exposed.url, close };
  } catch (error) {
    await app.close();
    throw error;
  }
}

async function wire(parts: Parts, given: Now | undefined): Promise<Server> {
  const { config, logger, resources } = parts;
  const files = config.webRoot === undefined ? undefined : await loadWebFiles(config.webRoot);
  const mongo = await connectMongo({ uri: config.mongoUri, appName: 'parley-web', logger });
  resources.defer('mongo', () => mongo.close());
  const clock = await createClock(mongo.db, logger);
  resources.defer('clock', () => clock.close());
  const now = given ?? (() => clock.now());
  const metrics = webMetrics(parts.metrics);
  const own = new OwnOrigin(config);
  const relay = new Relay({ own });
  const nodes = new UpstreamNodes(config.messagingUrls);
  const upstreams = reachServices(parts, { metrics, nodes });
  const cookie = new SessionCookie({ own, now });
  const sessions = readSessions(parts, { cookie, db: mongo.db, now });
  const buckets = config.rateLimits ? new TokenBuckets() : undefined;
  const ready = readiness([
    () => mongo.db.command({ ping: 1 }),
    () => upstreams.auth.ready(),
    () => upstreams.messaging.ready(),
  ]);
  // No origins here: what `/api` says to others is the services' to say, and `/bff` speaks to none.
  const app = createHttpApp({ ...config, origins: [], logger, ready, body: 'raw' });
  app.use(measureRequests(metrics));
  app.use(proxyApi({ relay, upstreams, origins: config.origins }));
  app.use(proxyPolling({ relay, upstreams }));
  app.use(bffRoutes({ buckets, cookie, logger, metrics, own, relay, sessions, upstreams }));
  app.use(serveStatic({ files, own }));
  return serve(parts, app.callback(), new Tunnels({ nodes, own, metrics, logger }));
}

function reachServices(
  { config, resources }: Parts,
  { metrics, nodes }: { metrics: WebMetrics; nodes: UpstreamNodes },
) {
  const auth = new Upstream({ name: 'auth', nodes: new UpstreamNodes([config.authUrl]), metrics });
  resources.defer('connections to auth', () => auth.close());
  const messaging = new Upstream({ name: 'messaging', nodes, metrics });
  resources.defer('connections to messaging', () => messaging.close());
  return { auth, messaging };
}

function readSessions(
  { config, logger, resources }: Parts,
  { cookie, db, now }: { cookie: SessionCookie; db: Db; now: Now },
): WebSessions {
  const reader = new SessionReader(db);
  const tokens = new ServiceTokens({ secret: config.secrets.secret, now });
  const verifier = new SessionVerifier({ sessions: reader, tokens, audience: 'auth', now });
  const onRevoked = (ids: readonly string[]) => verifier.forget(ids);
  const watch = new RevocationWatch({ sessions: reader, now, logger, onRevoked });
  watch.start();
  resources.defer('revocation watch', () => watch.stop());
  return new WebSessions({ cookie, verifier, tokens });
}

function serve(
  { resources }: Parts,
  handle: ReturnType<Koa['callback']>,
  tunnels: Tunnels,
): Server {
  const server = createServer(TIMEOUTS, (request, response) => void handle(request, response));
  server.on('upgrade', (request, socket, head) => void tunnels.handle(request, socket, head));
  resources.defer('server', () => {
    tunnels.close();
    return closeServer(server);
  });
  return server;
}
