import { ERRORS, type AppError } from '@parley/common';
import type { ParameterizedContext } from 'koa';

/** An error as an HTTP response. */
export interface Problem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string;
}

/** Converts an error to problem details (RFC 9457). */
export function problemOf(error: AppError, requestId: string): Problem {
  const { code, message, ...rest } = error.toBody();
  const { status } = error;
  const seconds = Math.max(1, Math.ceil((error.retryAfterMs ?? 1_000) / 1_000));
  return {
    status,
    headers: {
      'content-type': 'application/problem+json',
      ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
      ...(status === 429 || status === 503 ? { 'retry-after': String(seconds) } : {}),
    },
    body: JSON.stringify({
      type: `urn:parley:error:${code}`,
      title: ERRORS[code].title,
      status,
      code,
      detail: message,
      instance: requestId,
      ...rest,
    }),
  };
}

/** Responds with an error as problem details (RFC 9457). */
export function answerProblem(ctx: ParameterizedContext, error: AppError, requestId: string): void {
  const { body, headers, status } = problemOf(error, requestId);
  ctx.status = status;
  ctx.body = body;
  ctx.set({ ...headers });
}
