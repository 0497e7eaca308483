import type { ParameterizedContext } from 'koa';

import type { Encoding, WebFile } from './web-files.ts';

const FOR_EVER = 'public, max-age=31536000, immutable';
const REVALIDATE = 'no-cache';

/** Answers with a file in the smallest form that the client accepts, or 304 if the client has it. */
export function answerFile(ctx: ParameterizedContext, file: WebFile): void {
  const encoding = chooseEncoding(ctx, file);
  ctx.status = 200;
  ctx.type = file.extension;
  ctx.set('cache-control', file.hashed ? FOR_EVER : REVALIDATE);
  if (file.compressed.size > 0) ctx.vary('accept-encoding');
  ctx.set('etag', encoding === undefined ? file.etag : `${file.etag.slice(0, -1)}-${encoding}"`);
  if (ctx.fresh) {
    ctx.status = 304;
    return;
  }
  if (encoding !== undefined) ctx.set('content-encoding', encoding);
  ctx.body = (encoding === undefined ? undefined : file.compressed.get(encoding)) ?? file.bytes;
}

/** The smallest form that the client accepts, whatever it prefers. */
function chooseEncoding(ctx: ParameterizedContext, { compressed }: WebFile): Encoding | undefined {
  return [...compressed.keys()].find((encoding) => ctx.acceptsEncodings(encoding) === encoding);
}
