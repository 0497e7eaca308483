import type { HttpState } from '@parley/backend-common';
import { AppError } from '@parley/common';
import type { Middleware, ParameterizedContext } from 'koa';

import type { OwnOrigin } from '../proxy/own-origin.ts';
import type { WebMetrics } from '../metrics.ts';

/**
 * Lets only our own page use what its cookie opens. A form or an image of another site cannot send the header,
 * a script of another site would have to ask first and is never answered, and browsers say themselves where a
 * request comes from.
 */
export function pageGuard(deps: { own: OwnOrigin; metrics: WebMetrics }): Middleware<HttpState> {
  return async (ctx, next) => {
    const reason = foreignness(ctx, deps.own);
    if (reason !== undefined) {
      deps.metrics.guardRefusals.inc({ reason });
      throw new AppError('forbidden', 'Only the page of this server may ask this');
    }
    await next();
  };
}

/** What tells a request of another site; `undefined` for our own page. */
export function foreignness(ctx: ParameterizedContext, own: OwnOrigin): string | undefined {
  if (ctx.get('x-parley') !== '1') return 'header';
  const origin = ctx.get('origin');
  if (origin !== '' && !own.isOwn(origin, ctx.req)) return 'origin';
  const site = ctx.get('sec-fetch-site');
  if (site !== '' && site !== 'same-origin') return 'site';
  return undefined;
}
