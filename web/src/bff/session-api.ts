import type { HttpState } from '@parley/backend-common';
import { AppError } from '@parley/common';
import { authOperations, operations, type Operation } from '@parley/common/contract';
import type { Middleware } from 'koa';

import { readJsonBody } from '../proxy/body.ts';
import type { Relay } from '../proxy/relay.ts';
import { isPlainPath } from '../proxy/service-paths.ts';
import type { Upstream } from '../proxy/upstream.ts';
import type { WebSessions } from './web-sessions.ts';

interface SessionApiDeps {
  readonly relay: Relay;
  readonly sessions: WebSessions;
  readonly upstreams: { readonly auth: Upstream; readonly messaging: Upstream };
}

interface Route {
  readonly method: string;
  readonly path: RegExp;
  readonly service: 'auth' | 'messaging';
  readonly public: boolean;
}

/** These hand out or end a session, so they have paths of their own that care for the cookie. */
const ELSEWHERE = new Set<string>(['auth:register', 'auth:login', 'auth:logout']);
const PREFIX = '/bff/api';

/**
 * `/bff/api/…`: the operations of the contract for the session of the cookie. The service gets a token of 30 s;
 * the session token leaves neither the cookie nor this process.
 */
export function sessionApi({ relay, sessions, upstreams }: SessionApiDeps): Middleware<HttpState> {
  const routes = [
    ...routesOf(Object.values(authOperations), 'auth'),
    ...routesOf(Object.values(operations), 'messaging'),
  ];
  return async (ctx) => {
    const path = ctx.path.slice(PREFIX.length);
    const route = find(routes, ctx.method, path);
    const caller = route.public ? undefined : await sessions.caller(ctx);
    const authorization =
      caller === undefined ? undefined : await sessions.authorization(caller, route.service);
    const answer = await relay.ask(ctx, upstreams[route.service], {
      path: path + ctx.search,
      body: await readJsonBody(ctx),
      headers: { authorization, origin: undefined },
    });
    relay.passPrivate(ctx, answer);
    if (caller !== undefined && answer.status === 401) await sessions.confirm(ctx, caller);
  };
}

function routesOf(declared: readonly Operation[], service: Route['service']): Route[] {
  return declared.flatMap(({ http, name, public: isPublic }) => {
    if (http === undefined || ELSEWHERE.has(name)) return [];
    const path = new RegExp(`^${http.path.replace(/:[A-Za-z]+/g, '[^/]+')}$`);
    return { method: http.method, path, service, public: isPublic === true };
  });
}

function find(routes: readonly Route[], method: string, path: string): Route {
  const candidates = isPlainPath(path) ? routes.filter((route) => route.path.test(path)) : [];
  if (candidates.length === 0) throw new AppError('unknown_operation');
  const route = candidates.find((candidate) => candidate.method === method);
  if (route === undefined) throw new AppError('method_not_allowed');
  return route;
}
