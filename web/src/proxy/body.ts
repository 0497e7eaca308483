import type { IncomingMessage } from 'node:http';
import { AppError, LIMITS } from '@parley/common';
import type { ParameterizedContext } from 'koa';

const WITHOUT_BODY = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Reads a whole body. Bodies are small by contract, and a body in memory can be sent to a second node.
 * @param limit - bytes
 * @returns `undefined` if the method has no body
 * @throws AppError `payload_too_large`; `invalid_input` if the client stops before the end
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
      // Read and drop what exceeds the limit, so that the client receives the answer.
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

/** Reads a body whose type must be JSON; the service behind validates its content. */
export async function readJsonBody(ctx: ParameterizedContext): Promise<Buffer | undefined> {
  const body = await readBody(ctx.req);
  if (body !== undefined && body.length > 0 && ctx.is('application/json') === false) {
    throw new AppError('unsupported_media_type', 'Send application/json');
  }
  return body;
}
