import type { HttpState } from '@parley/backend-common';
import { AppError } from '@parley/common';
import { authOperations, operations, type Operation } from '@parley/common/contract';
import type { Middleware } from 'koa';
import { z } from 'zod';

import { readJsonBody } from '../proxy/body.ts';
import type { Upstreams } from '../proxy/module.ts';
import type { Relay } from '../proxy/relay.ts';
import type { UpstreamAnswer } from '../proxy/upstream-answer.ts';
import type { WebSessions } from './web-sessions.ts';

interface SessionApiDeps {
  readonly relay: Relay;
  readonly sessions: WebSessions;
  readonly upstreams: Upstreams;
}

interface Target {
  readonly service: 'auth' | 'messaging';
  readonly public: boolean;
}

/** These begin or end a session, so they have routes of their own that set and clear the cookie. */
const OWN_ROUTES = new Set<string>(['auth:register', 'auth:login', 'auth:logout']);
const PREFIX = '/bff/api';

/**
 * `/bff/api/…`: the operations of the contract for the session of the cookie, by path. The service gets a token of
 * 30 s; the session token leaves neither the cookie nor this process.
 */
export function sessionRoutes(deps: SessionApiDeps): ReadonlyMap<string, Middleware<HttpState>> {
  const targets = new Map<string, Map<string, Target>>();
  addTargets(targets, Object.values(authOperations), 'auth');
  addTargets(targets, Object.values(operations), 'messaging');
  const routes = [...targets].map(([path, byMethod]) => [path, handle(byMethod, deps)] as const);
  return new Map(routes);
}

function addTargets(
  targets: Map<string, Map<string, Target>>,
  declared: readonly Operation[],
  service: Target['service'],
): void {
  for (const { http, name, public: isPublic } of declared) {
    if (http === undefined || OWN_ROUTES.has(name)) continue;
    const byMethod = targets.get(http.path) ?? new Map<string, Target>();
    targets.set(http.path, byMethod.set(http.method, { service, public: isPublic === true }));
  }
}

function handle(
  byMethod: ReadonlyMap<string, Target>,
  { relay, sessions, upstreams }: SessionApiDeps,
): Middleware<HttpState> {
  return async (ctx) => {
    const target = byMethod.get(ctx.method);
    if (target === undefined) throw new AppError('method_not_allowed');
    const caller = target.public ? undefined : await sessions.caller(ctx);
    const authorization =
      caller === undefined ? undefined : await sessions.authorization(caller, target.service);
    const answer = await relay.ask(ctx, upstreams[target.service], {
      path: ctx.path.slice(PREFIX.length) + ctx.search,
      body: await readJsonBody(ctx),
      headers: { authorization, origin: undefined },
    });
    if (caller !== undefined && answer.status === 401) {
      await requireEnded(answer, () => sessions.confirm(ctx, caller));
    }
    relay.passPrivate(ctx, answer);
  };
}

const refusal = z.object({ code: z.enum(['unauthenticated', 'session_expired']) });

/**
 * A service that refuses the session of a verified caller: either the session has ended meanwhile, or the services have
 * different secrets. The second is no reason for a page to sign its user out.
 */
async function requireEnded(answer: UpstreamAnswer, confirm: () => Promise<void>): Promise<void> {
  if (!refusal.safeParse(await answer.peekJson()).success) return;
  await confirm();
  throw new AppError('unavailable', 'The service does not accept the tokens of this one');
}
