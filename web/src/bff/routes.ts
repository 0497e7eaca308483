import type { HttpState, Logger, TokenBuckets } from '@parley/backend-common';
import { AppError } from '@parley/common';
import type { Middleware } from 'koa';

import { countCspReports } from './csp-reports.ts';
import type { OwnOrigin } from '../proxy/own-origin.ts';
import { pageGuard } from './page-guard.ts';
import type { Relay } from '../proxy/relay.ts';
import { sessionApi } from './session-api.ts';
import type { SessionCookie } from './session-cookie.ts';
import { SignIn } from './sign-in.ts';
import { giveTicket } from './tickets.ts';
import type { Upstream } from '../proxy/upstream.ts';
import type { WebMetrics } from '../metrics.ts';
import type { WebSessions } from './web-sessions.ts';

interface BffDeps {
  readonly buckets: TokenBuckets | undefined;
  readonly cookie: SessionCookie;
  readonly logger: Logger;
  readonly metrics: WebMetrics;
  readonly own: OwnOrigin;
  readonly relay: Relay;
  readonly sessions: WebSessions;
  readonly upstreams: { readonly auth: Upstream; readonly messaging: Upstream };
}

/** `/bff`: what only our own page may ask, with its cookie. */
export function bffRoutes(deps: BffDeps): Middleware<HttpState> {
  const signIn = new SignIn({ ...deps, auth: deps.upstreams.auth });
  const api = sessionApi(deps);
  const report = countCspReports(deps);
  const guard = pageGuard(deps);
  const clearEnded = deps.sessions.clearEnded();
  const posts = new Map<string, Middleware<HttpState>>([
    ['/bff/register', signIn.register],
    ['/bff/login', signIn.login],
    ['/bff/logout', signIn.logout],
    ['/bff/ticket', giveTicket(deps)],
  ]);
  const choose = (path: string, method: string) => {
    if (path.startsWith('/bff/api/')) return api;
    const route = posts.get(path);
    if (route === undefined) throw new AppError('unknown_operation');
    if (method !== 'POST') throw new AppError('method_not_allowed', 'Use POST');
    return route;
  };
  return async (ctx, next) => {
    if (!ctx.path.startsWith('/bff/')) {
      await next();
    } else if (ctx.path === '/bff/csp-report' && ctx.method === 'POST') {
      // Browsers send reports by themselves, without any header of ours.
      await report(ctx, next);
    } else {
      const answer = async () => {
        await choose(ctx.path, ctx.method)(ctx, next);
      };
      await guard(ctx, async () => {
        await clearEnded(ctx, answer);
      });
    }
  };
}
