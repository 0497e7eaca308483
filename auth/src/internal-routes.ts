import {
  bearerToken,
  parseInput,
  type Dispatcher,
  type HttpState,
  type RequestContext,
  type ServiceTokens,
} from '@parley/backend-common';
import { AppError } from '@parley/common';
import { adminOperations, id, type AuthOperations } from '@parley/common/contract';
import type { Middleware } from 'koa';
import { z } from 'zod';

import type { AccountDeletion } from './accounts/deletion.ts';
import type { SessionService } from './sessions/service.ts';

const touchInput = z.strictObject({ sessionIds: z.array(id).max(500) });
const removedInput = z.strictObject({ userId: id });
const administrationInput = z.strictObject({
  operation: z.enum(Object.keys(adminOperations).filter((name) => name.startsWith('admin:'))),
  input: z.unknown(),
  operator: z.string().min(1).max(64),
});
/** The caller of an operation from `npm run admin`, which has neither a user nor a session. */
const OPERATOR = { userId: 'operator', sessionId: 'operator' };

interface InternalRouteDeps {
  readonly tokens: ServiceTokens;
  readonly sessions: SessionService;
  readonly deletion: Pick<AccountDeletion, 'finish'>;
  readonly dispatcher: Pick<Dispatcher<AuthOperations, RequestContext>, 'run'>;
}

/**
 * What the messaging nodes and `npm run admin` call, each with a service token of kind `internal` for `auth`.
 *
 * - `POST /internal/sessions/touch {sessionIds}`: the sessions with open sockets, every few minutes, at most 500 per
 *   request.
 * - `POST /internal/accounts/removed {userId}`: everything of a deleted account outside this service is removed.
 * - `POST /internal/administration {operation, input, operator}`: an operation of administrators; answers its output.
 */
export function internalRoutes(deps: InternalRouteDeps): Middleware<HttpState> {
  const routes = new Map<string, (body: unknown, state: HttpState) => Promise<unknown>>([
    [
      '/internal/sessions/touch',
      async (body) => deps.sessions.touch(parseInput(touchInput, body).sessionIds),
    ],
    [
      '/internal/accounts/removed',
      async (body) => deps.deletion.finish(parseInput(removedInput, body).userId),
    ],
    [
      '/internal/administration',
      async (body, { address, requestId }) => {
        const { input, operation, operator } = parseInput(administrationInput, body);
        const context = { caller: OPERATOR, operator, address, requestId };
        return deps.dispatcher.run(operation, input, context);
      },
    ],
  ]);
  return async (ctx, next) => {
    const handle = routes.get(ctx.path);
    if (handle === undefined) {
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
    const output = await handle((ctx.request as { body?: unknown }).body, ctx.state);
    if (output === undefined) ctx.status = 204;
    else ctx.body = output;
  };
}
