import type { HttpState, Logger, UpgradeEvent } from '@parley/backend-common';
import type { Middleware } from 'koa';

import type { WebMetrics } from '../metrics.ts';
import { proxyApi } from './api.ts';
import type { OwnOrigin } from './own-origin.ts';
import { proxyPolling } from './polling.ts';
import { Relay } from './relay.ts';
import { Tunnels } from './tunnels.ts';
import { Upstream } from './upstream.ts';

/** The services behind this one. */
export interface Upstreams {
  readonly auth: Upstream;
  readonly messaging: Upstream;
}

/** What the proxy is built from. */
export interface ProxyModuleDeps {
  readonly authUrl: string;
  /** The messaging nodes, at least one. */
  readonly messagingUrls: readonly string[];
  /** Other web origins that may read what `/api` answers. */
  readonly origins: readonly string[];
  readonly own: OwnOrigin;
  readonly metrics: WebMetrics;
  readonly logger: Logger;
  /** Milliseconds that the last messaging node gets to answer an upgrade; default 5 s. */
  readonly upgradePatience: number | undefined;
  /** Milliseconds of silence after which a node is checked; default 3 s. */
  readonly silence: number | undefined;
}

/** Passes the public API, long polls and WebSockets on to the services. */
export interface ProxyModule {
  readonly middleware: readonly Middleware<HttpState>[];
  /** Sends requests of other features to the services. */
  readonly relay: Relay;
  readonly upstreams: Upstreams;
  /** Takes a WebSocket upgrade over from the HTTP server; never rejects. */
  openWebSocket(event: UpgradeEvent): Promise<void>;
  /** Cuts every WebSocket. */
  drain(): void;
  /** Closes the idle connections to the services. */
  stop(): void;
}

/** Builds the proxy. */
export function createProxyModule(deps: ProxyModuleDeps): ProxyModule {
  const { logger, metrics, own, silence, upgradePatience: patience } = deps;
  const auth = new Upstream({ name: 'auth', urls: [deps.authUrl], metrics, silence });
  const messaging = new Upstream({ name: 'messaging', urls: deps.messagingUrls, metrics, silence });
  const relay = new Relay({ own });
  const upstreams = { auth, messaging };
  const tunnels = new Tunnels({ nodes: messaging.nodes, own, metrics, logger, patience });
  return {
    middleware: [
      proxyApi({ relay, upstreams, origins: deps.origins }),
      proxyPolling({ relay, messaging }),
    ],
    relay,
    upstreams,
    openWebSocket: (event) => tunnels.handle(event),
    drain: () => tunnels.close(),
    stop() {
      auth.close();
      messaging.close();
    },
  };
}
