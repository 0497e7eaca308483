import Router from '@koa/router';
import type { HttpState } from '@parley/backend-common';
import { AppError } from '@parley/common';
import type { Middleware } from 'koa';

import type { Upstreams } from '../proxy/module.ts';
import type { Relay } from '../proxy/relay.ts';
import { isPlainPath } from '../proxy/service-paths.ts';
import { sessionRoutes } from './session-api.ts';
import type { SignIn } from './sign-in.ts';
import type { WebSessions } from './web-sessions.ts';

interface BffRoutesDeps {
  readonly cspReport: Middleware<HttpState>;
  readonly guard: Middleware<HttpState>;
  readonly relay: Relay;
  readonly sessions: WebSessions;
  readonly signIn: SignIn;
  readonly ticket: Middleware<HttpState>;
  readonly upstreams: Upstreams;
}

/** `/bff`: what only the page of this origin may call, with its cookie. */
export function bffRoutes(deps: BffRoutesDeps): Middleware<HttpState> {
  const { cspReport, guard, sessions, signIn, ticket } = deps;
  const router = new Router<HttpState>({ prefix: '/bff', sensitive: true, strict: true });
  // Browsers send reports on their own, without the header that the guard asks for.
  router.post('/csp-report', cspReport);
  router.use(guard, sessions.clearEnded(), refuseAmbiguousPaths);
  const actions = new Map<string, Middleware<HttpState>>([
    ['/register', signIn.register],
    ['/login', signIn.login],
    ['/logout', signIn.logout],
    ['/ticket', ticket],
  ]);
  for (const [path, action] of actions) {
    router.post(path, action);
    router.all(path, refuse('method_not_allowed', 'Use POST'));
  }
  for (const [path, operation] of sessionRoutes(deps)) router.all(`/api${path}`, operation);
  router.all('/{*path}', refuse('unknown_operation'));
  return router.routes() as unknown as Middleware<HttpState>;
}

const refuseAmbiguousPaths: Middleware<HttpState> = async (ctx, next) => {
  if (!isPlainPath(ctx.path)) throw new AppError('unknown_operation');
  await next();
};

function refuse(
  code: 'method_not_allowed' | 'unknown_operation',
  message?: string,
): Middleware<HttpState> {
  return () => {
    throw new AppError(code, message);
  };
}
