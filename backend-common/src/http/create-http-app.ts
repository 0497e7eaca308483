import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { bodyParser } from '@koa/bodyparser';
import cors from '@koa/cors';
import { AppError, LIMITS, SECOND } from '@parley/common';
import Koa from 'koa';

import type { Logger } from '../logging/logger.ts';
import { isServiceFailure, toServiceError } from '../operations/service-error.ts';
import { requestAddress } from './client-address.ts';
import { answerProblem } from './problem.ts';
import { chooseRequestId } from './request-id.ts';
import { STRICT_TRANSPORT, isSecureRequest, type SecurityRules } from './secure-requests.ts';

/** What every request of our HTTP servers carries. */
export interface HttpState {
  requestId: string;
  /** Address of the client, taken from `x-forwarded-for` only behind a trusted proxy. */
  address: string;
}

/** How an HTTP server of ours behaves. */
export interface HttpAppOptions extends SecurityRules {
  readonly logger: Logger;
  /** Other web origins that may call, exactly. */
  readonly origins: readonly string[];
  /** Resolves while the service can do its work, and rejects with the reason otherwise. */
  readonly ready: () => Promise<void>;
  /** Details for operators in the answer of `/readyz`, read at each request. */
  readonly details?: () => Readonly<Record<string, string>>;
  /** `raw` leaves bodies unread, for a server that passes them on; default `json`. */
  readonly body?: 'json' | 'raw';
}

/** Milliseconds in which a check of readiness must end. Who asks waits no longer. */
const READY_PATIENCE = 5 * SECOND;
const NO_CONTENT_SECURITY = "default-src 'none'; frame-ancestors 'none'";
const PARSED_METHODS = ['POST', 'PUT', 'PATCH', 'DELETE'];

/** A Koa application with request ids, problem answers, security headers, health checks, CORS and a bounded JSON body. */
export function createHttpApp(options: HttpAppOptions): Koa<HttpState> {
  const app = new Koa<HttpState>();
  app.silent = true;
  app.use(identify(options));
  app.use(answerErrors(options.logger));
  app.use(secure(options));
  app.use(answerHealth(options));
  app.use(
    cors({
      origin: (ctx) => (options.origins.includes(ctx.get('origin')) ? ctx.get('origin') : ''),
      allowMethods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      allowHeaders: ['authorization', 'content-type', 'x-request-id'],
      exposeHeaders: ['x-request-id', 'retry-after'],
      maxAge: 600,
      credentials: false,
    }),
  );
  if (options.body !== 'raw') app.use(readJson());
  return app;
}

function identify({ trustedProxies }: HttpAppOptions): Koa.Middleware<HttpState> {
  return async (ctx, next) => {
    ctx.state.requestId = chooseRequestId(ctx.get('x-request-id'));
    ctx.state.address = requestAddress(ctx.req, trustedProxies);
    ctx.set('x-request-id', ctx.state.requestId);
    await next();
  };
}

function answerErrors(logger: Logger): Koa.Middleware<HttpState> {
  return async (ctx, next) => {
    const startedAt = performance.now();
    try {
      await next();
      if (ctx.status === 404 && ctx.body === undefined) throw new AppError('unknown_operation');
    } catch (thrown) {
      const error = toServiceError(thrown);
      const { requestId } = ctx.state;
      if (isServiceFailure(error))
        logger.error({ err: error.cause ?? error, requestId }, 'A request failed');
      answerProblem(ctx, error, requestId);
    }
    logger.debug({
      requestId: ctx.state.requestId,
      method: ctx.method,
      path: ctx.path,
      status: ctx.status,
      ms: Math.round(performance.now() - startedAt),
    });
  };
}

function secure(rules: SecurityRules): Koa.Middleware {
  return async (ctx, next) => {
    ctx.set('cache-control', 'no-store');
    ctx.set('x-content-type-options', 'nosniff');
    ctx.set('referrer-policy', 'no-referrer');
    ctx.set('content-security-policy', NO_CONTENT_SECURITY);
    ctx.set('x-frame-options', 'DENY');
    ctx.set('cross-origin-resource-policy', 'same-site');
    if (isSecureRequest(ctx.req, rules)) ctx.set('strict-transport-security', STRICT_TRANSPORT);
    await next();
  };
}

function answerHealth({ details, ready }: HttpAppOptions): Koa.Middleware<HttpState> {
  return async (ctx, next) => {
    if (ctx.path === '/healthz') {
      ctx.body = { ok: true };
    } else if (ctx.path === '/readyz') {
      await within(READY_PATIENCE, ready()).catch((cause: unknown) => {
        const message = cause instanceof AppError ? cause.message : 'A dependency is not available';
        throw new AppError('unavailable', message, { cause });
      });
      ctx.body = { ok: true, ...details?.() };
    } else {
      await next();
    }
  };
}

async function within(patience: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('No answer in time')), patience);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function readJson(): Koa.Middleware<HttpState> {
  const parse = bodyParser({
    enableTypes: ['json'],
    jsonLimit: LIMITS.frameBytes,
    jsonStrict: true,
    parsedMethods: PARSED_METHODS,
    onError(cause) {
      // The cause is left behind: it carries the body, and with it passwords and texts.
      const tooLarge = (cause as { status?: number }).status === 413;
      throw new AppError(tooLarge ? 'payload_too_large' : 'invalid_input');
    },
  });
  return async (ctx, next) => {
    const length = ctx.get('content-length');
    const hasBody = length === '' ? ctx.get('transfer-encoding') !== '' : Number(length) > 0;
    if (hasBody && ctx.is('application/json') === false) {
      throw new AppError('unsupported_media_type', 'Send application/json');
    }
    // A body that is announced to be too large is not read: one listener, and Node would not discard it.
    const isRead =
      hasBody && PARSED_METHODS.includes(ctx.method) && !(Number(length) > LIMITS.frameBytes);
    const chunks = isRead && ctx.get('content-encoding') === '' ? keepChunks(ctx.req) : [];
    await parse(ctx, () => {
      const isRefused =
        chunks.length > 0 &&
        ctx.request.rawBody.includes('\uFFFD') &&
        !isUtf8(Buffer.concat(chunks));
      chunks.length = 0;
      if (isRefused) throw new AppError('invalid_input', 'The body must be UTF-8');
      return next();
    });
  };
}

/**
 * Keeps the bytes that the parser reads, up to its limit: it puts U+FFFD, which may be sent too, in place of each byte
 * that is not UTF-8. Of a compressed body, the bytes say nothing; it is not checked.
 */
function keepChunks(request: IncomingMessage): Buffer[] {
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= LIMITS.frameBytes) chunks.push(chunk);
  });
  return chunks;
}
