import type { HttpState } from '@parley/backend-common';
import { SECOND } from '@parley/common';
import type { Middleware } from 'koa';

import { SERVED, type WebMetrics } from './metrics.ts';

const SERVED_PATHS: ReadonlySet<string> = new Set(SERVED);

/** Measures every request until its last byte is sent or its client has closed the connection. */
export function measureRequests({ requestDuration }: WebMetrics): Middleware<HttpState> {
  return async (ctx, next) => {
    const startedAt = performance.now();
    const [, first = ''] = ctx.path.split('/', 2);
    const route = SERVED_PATHS.has(first) ? first : 'page';
    ctx.res.once('close', () => {
      const status = `${Math.floor(ctx.res.statusCode / 100)}xx`;
      requestDuration.with({ route, status }).observe((performance.now() - startedAt) / SECOND);
    });
    await next();
  };
}
