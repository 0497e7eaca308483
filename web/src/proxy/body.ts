import type { IncomingMessage } from 'node:http';
import { AppError, LIMITS } from '@parley/common';
import type { ParameterizedContext } from 'koa';

const WITHOUT_BODY = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Reads a body whole. Bodies are small by contract, so holding one costs little and lets a request
 * go to another node; `undefined` where the method carries none.
 * @throws AppError `payload_too_large`, `invalid_input` when the client stops in the middle
 */
export function readBody(
  request: IncomingMessage,
  limit: number = LIMITS.frameBytes,
): Promise<Buffer | undefined> {
  if (WITHOUT_BODY.has(request.method ?? '')) return Promise.resolve(undefined);
  if (Number(request.headers['content-length'] ?? 0) > limit) {
    return Promise.reject(new AppError('payload_too_large', `Send at most ${limit} bytes`));
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      // What comes after the limit is read and dropped, so that the client gets to see the answer.
      if (size <= limit) chunks.push(chunk);
      else reject(new AppError('payload_too_large', `Send at most ${limit} bytes`));
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('close', () => {
      if (!request.complete) reject(new AppError('invalid_input', 'The body is not complete'));
    });
    request.once('error', () => undefined);
  });
}

/** Reads a body that must be JSON by its type; what it says is for the service behind to judge. */
export async function readJsonBody(ctx: ParameterizedContext): Promise<Buffer | undefined> {
  const body = await readBody(ctx.req);
  if (body !== undefined && body.length > 0 && ctx.is('application/json') === false) {
    throw new AppError('unsupported_media_type', 'Send application/json');
  }
  return body;
}
