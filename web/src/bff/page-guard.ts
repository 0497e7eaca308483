import type { HttpState } from '@parley/backend-common';
import { AppError } from '@parley/common';
import type { Middleware, ParameterizedContext } from 'koa';

import type { OwnOrigin } from '../proxy/own-origin.ts';
import type { WebMetrics } from '../metrics.ts';

/**
 * Lets only the page of this origin use the cookie. A form or an image of another site cannot send the header
 * `x-parley`, a script of another site needs a preflight that is never granted, and browsers themselves name the origin
 * and the site of a request.
 */
export function pageGuard(deps: { own: OwnOrigin; metrics: WebMetrics }): Middleware<HttpState> {
  return async (ctx, next) => {
    const reason = reasonToRefuse(ctx, deps.own);
    if (reason !== undefined) {
      deps.metrics.guardRefusals.inc({ reason });
      throw new AppError('forbidden', 'Only the page of this server may call this');
    }
    await next();
  };
}

/** Why a request does not come from the page of this origin; `undefined` if it does. */
export function reasonToRefuse(ctx: ParameterizedContext, own: OwnOrigin): string | undefined {
  if (ctx.get('x-parley') !== '1') return 'header';
  const origin = ctx.get('origin');
  if (origin !== '' && !own.isOwn(origin, ctx.req)) return 'origin';
  const site = ctx.get('sec-fetch-site');
  if (site !== '' && site !== 'same-origin') return 'site';
  return undefined;
}
