import type { HttpState } from '@parley/backend-common';
import { AppError, MINUTE } from '@parley/common';
import type { Middleware, ParameterizedContext } from 'koa';

import { readBody } from './body.ts';
import type { Relay } from './relay.ts';
import { isPlainPath, isSocketPath, serviceOf } from './service-paths.ts';
import type { Upstream } from './upstream.ts';

interface ProxyDeps {
  readonly relay: Relay;
  readonly upstreams: { readonly auth: Upstream; readonly messaging: Upstream };
  /** Other web origins that may read what `/api` answers. */
  readonly origins: readonly string[];
}

/** A long poll is silent for as long as nothing happens. */
const POLL_PATIENCE = MINUTE;

/** `/api`: the public API, for holders of a token. Cookies play no part in it. */
export function proxyApi({ origins, relay, upstreams }: ProxyDeps): Middleware<HttpState> {
  return async (ctx, next) => {
    if (!ctx.path.startsWith('/api/')) {
      await next();
      return;
    }
    allowReading(ctx, origins);
    const path = ctx.path.slice('/api'.length);
    const service = isPlainPath(path) ? serviceOf(path) : undefined;
    if (service === undefined) throw new AppError('unknown_operation');
    const body = await readBody(ctx.req);
    const answer = await relay.ask(ctx, upstreams[service], { path: path + ctx.search, body });
    relay.pass(ctx, answer);
  };
}

/** `/socket.io/` without an upgrade: long polling, where it is switched on. */
export function proxyPolling({
  relay,
  upstreams,
}: Omit<ProxyDeps, 'origins'>): Middleware<HttpState> {
  return async (ctx, next) => {
    if (!ctx.path.startsWith('/socket.io/')) {
      await next();
      return;
    }
    if (!isSocketPath(ctx.path)) throw new AppError('unknown_operation');
    const body = await readBody(ctx.req);
    const path = ctx.path + ctx.search;
    const options = { path, body, patience: POLL_PATIENCE };
    relay.pass(ctx, await relay.ask(ctx, upstreams.messaging, options));
  };
}

/** Lets allowed origins see an answer of ours where the service does not answer; its own answer says the same. */
function allowReading(ctx: ParameterizedContext, origins: readonly string[]): void {
  const origin = ctx.get('origin');
  if (!origins.includes(origin)) return;
  ctx.set('access-control-allow-origin', origin);
  ctx.set('access-control-expose-headers', 'x-request-id, retry-after');
}
