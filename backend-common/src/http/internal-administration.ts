import { AppError } from '@parley/common';
import { isForAdministrators, type OperationTable } from '@parley/common/contract';
import type { Context, Middleware } from 'koa';
import { z } from 'zod';

import { parseInput } from '../operations/dispatcher.ts';
import type { RequestContext } from '../operations/request-context.ts';
import type { Audience, ServiceTokens } from '../sessions/service-tokens.ts';
import type { HttpState } from './create-http-app.ts';
import { bearerToken } from './operation-router.ts';

interface InternalAdministrationDeps {
  readonly tokens: Pick<ServiceTokens, 'verify'>;
  /** This service. */
  readonly audience: Audience;
  readonly operations: OperationTable;
  /** Carries out an operation for the operator of the context. */
  readonly run: (name: string, input: unknown, context: RequestContext) => Promise<unknown>;
}

const PATH = '/internal/administration';
/** Replaces the user and the session of a caller: an operator has neither. */
const OPERATOR = { userId: 'operator', sessionId: 'operator' };

/**
 * `POST /internal/administration {operation, input, operator}`: carries out an operation of administrators for
 * `npm run admin`, and returns its output. Proxies do not pass the path on, and it takes a token that only holders of
 * `PARLEY_SECRET` can sign.
 */
export function internalAdministration(deps: InternalAdministrationDeps): Middleware<HttpState> {
  const names = Object.entries(deps.operations)
    .filter(([, operation]) => isForAdministrators(operation))
    .map(([name]) => name);
  const schema = z.strictObject({
    operation: z.enum(names),
    input: z.unknown(),
    operator: z.string().min(1).max(64),
  });
  return async (ctx, next) => {
    if (ctx.path !== PATH) {
      await next();
      return;
    }
    await requireInternalPost(ctx, deps);
    const body = (ctx.request as { body?: unknown }).body;
    const { input, operation, operator } = parseInput(schema, body);
    const { address, requestId } = ctx.state;
    ctx.body = await deps.run(operation, input, { caller: OPERATOR, operator, address, requestId });
  };
}

/**
 * Checks a request to an internal path.
 * @throws AppError `unauthenticated` without a token of kind `internal` for this service, `method_not_allowed`
 */
export async function requireInternalPost(
  ctx: Context,
  { audience, tokens }: Pick<InternalAdministrationDeps, 'audience' | 'tokens'>,
): Promise<void> {
  const token = bearerToken(ctx.get('authorization'));
  if (token === undefined) throw new AppError('unauthenticated');
  await tokens.verify(token, { audience, kind: 'internal' });
  if (ctx.method !== 'POST') {
    ctx.set('allow', 'POST');
    throw new AppError('method_not_allowed', 'Use POST');
  }
}
