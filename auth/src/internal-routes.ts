import {
  bearerToken,
  parseInput,
  type HttpState,
  type ServiceTokens,
} from '@parley/backend-common';
import { AppError } from '@parley/common';
import { id } from '@parley/common/contract';
import type { Middleware } from 'koa';
import { z } from 'zod';

import type { SessionService } from './sessions/service.ts';

const PATH = '/internal/sessions/touch';

const touchInput = z.strictObject({ sessionIds: z.array(id).max(500) });

interface InternalRouteDeps {
  readonly tokens: ServiceTokens;
  readonly sessions: SessionService;
}

/**
 * `POST /internal/sessions/touch {sessionIds}` → 204: every few minutes, the messaging nodes send the ids of the
 * sessions with open sockets, at most 500 per request. Requires a service token of kind `internal` for `auth`.
 */
export function internalRoutes(deps: InternalRouteDeps): Middleware<HttpState> {
  return async (ctx, next) => {
    if (ctx.path !== PATH) {
      await next();
      return;
    }
    const token = bearerToken(ctx.get('authorization'));
    if (token === undefined) throw new AppError('unauthenticated');
    await deps.tokens.verify(token, { audience: 'auth', kind: 'internal' });
    if (ctx.method !== 'POST') {
      ctx.set('allow', 'POST');
      throw new AppError('method_not_allowed', 'Use POST');
    }
    const body = (ctx.request as { body?: unknown }).body;
    const { sessionIds } = parseInput(touchInput, body);
    await deps.sessions.touch(sessionIds);
    ctx.status = 204;
  };
}
