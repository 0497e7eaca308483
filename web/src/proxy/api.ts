import type { HttpState } from '@parley/backend-common';
import { AppError } from '@parley/common';
import type { Middleware, ParameterizedContext } from 'koa';

import { readBody } from './body.ts';
import type { Relay } from './relay.ts';
import { isPlainPath, serviceOf } from './service-paths.ts';
import type { Upstream } from './upstream.ts';

interface ApiDeps {
  readonly relay: Relay;
  readonly upstreams: { readonly auth: Upstream; readonly messaging: Upstream };
  /** Other web origins that may read what `/api` answers. */
  readonly origins: readonly string[];
}

const PREFIX = '/api';

/** `/api`: the public API, for callers with a bearer token. It ignores cookies. */
export function proxyApi({ origins, relay, upstreams }: ApiDeps): Middleware<HttpState> {
  return async (ctx, next) => {
    if (!ctx.path.startsWith(`${PREFIX}/`)) {
      await next();
      return;
    }
    allowReading(ctx, origins);
    const path = ctx.path.slice(PREFIX.length);
    const service = isPlainPath(path) ? serviceOf(path) : undefined;
    if (service === undefined) throw new AppError('unknown_operation');
    const body = await readBody(ctx.req);
    const answer = await relay.ask(ctx, upstreams[service], { path: path + ctx.search, body });
    relay.pass(ctx, answer);
  };
}

/** Lets allowed origins read an error of this service; the answers of services have the same headers of their own. */
function allowReading(ctx: ParameterizedContext, origins: readonly string[]): void {
  const origin = ctx.get('origin');
  if (!origins.includes(origin)) return;
  ctx.set('access-control-allow-origin', origin);
  ctx.set('access-control-expose-headers', 'x-request-id, retry-after');
}
