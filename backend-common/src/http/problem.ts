import { ERRORS, type AppError } from '@parley/common';
import type { ParameterizedContext } from 'koa';

/** Answers with an error as RFC 9457 describes. */
export function answerProblem(ctx: ParameterizedContext, error: AppError, requestId: string): void {
  const { code, message, ...rest } = error.toBody();
  ctx.status = error.status;
  ctx.body = JSON.stringify({
    type: `urn:parley:error:${code}`,
    title: ERRORS[code].title,
    status: error.status,
    code,
    detail: message,
    instance: requestId,
    ...rest,
  });
  ctx.type = 'application/problem+json';
  if (error.status === 401) ctx.set('www-authenticate', 'Bearer');
  if (error.status === 429 || error.status === 503) {
    ctx.set('retry-after', String(Math.max(1, Math.ceil((error.retryAfterMs ?? 1_000) / 1_000))));
  }
}
