import {
  parseInput,
  requireInternalPost,
  type HttpState,
  type ServiceTokens,
} from '@parley/backend-common';
import { id } from '@parley/common/contract';
import type { Middleware } from 'koa';
import { z } from 'zod';

import type { AccountDeletion } from './accounts/deletion.ts';
import type { SessionService } from './sessions/service.ts';

const touchInput = z.strictObject({ sessionIds: z.array(id).max(500) });
const removedInput = z.strictObject({ userId: id });
interface InternalRouteDeps {
  readonly tokens: ServiceTokens;
  readonly sessions: SessionService;
  readonly deletion: Pick<AccountDeletion, 'finish'>;
}

/**
 * What the messaging nodes call, each with a service token of kind `internal` for `auth`.
 *
 * - `POST /internal/sessions/touch {sessionIds}`: the sessions with open sockets, every few minutes, at most 500 per
 *   request.
 * - `POST /internal/accounts/removed {userId}`: everything of a deleted account outside this service is removed.
 */
export function internalRoutes(deps: InternalRouteDeps): Middleware<HttpState> {
  const routes = new Map<string, (body: unknown) => Promise<unknown>>([
    [
      '/internal/sessions/touch',
      async (body) => deps.sessions.touch(parseInput(touchInput, body).sessionIds),
    ],
    [
      '/internal/accounts/removed',
      async (body) => deps.deletion.finish(parseInput(removedInput, body).userId),
    ],
  ]);
  return async (ctx, next) => {
    const handle = routes.get(ctx.path);
    if (handle === undefined) {
      await next();
      return;
    }
    await requireInternalPost(ctx, { tokens: deps.tokens, audience: 'auth' });
    const output = await handle((ctx.request as { body?: unknown }).body);
    if (output === undefined) ctx.status = 204;
    else ctx.body = output;
  };
}
