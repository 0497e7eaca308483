import type { HttpState } from '@parley/backend-common';
import { AppError } from '@parley/common';
import type { Middleware, ParameterizedContext } from 'koa';

import type { OwnOrigin } from '../proxy/own-origin.ts';
import { type PageReach, pagePolicy, setPageHeaders } from './page-headers.ts';
import { isPlainPath } from '../proxy/service-paths.ts';
import type { Encoding, WebFile } from './web-files.ts';

interface StaticDeps extends PageReach {
  readonly own: OwnOrigin;
  /** The built web app; absent where there is none. */
  readonly files: ReadonlyMap<string, WebFile> | undefined;
}

const FOR_EVER = 'public, max-age=31536000, immutable';
const ASK_EACH_TIME = 'no-cache';
const NO_APP = `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>Parley</title></head>
  <body><h1>Parley</h1><p>The web app is not built. The API answers under /api and /socket.io.</p></body>
</html>
`;

/** Serves the web app; every path that a person may open and that is no file is the app's own. */
export function serveStatic({ files, own, ...reach }: StaticDeps): Middleware<HttpState> {
  const policy = pagePolicy(reach);
  return async (ctx) => {
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') throw new AppError('unknown_operation');
    if (!isPlainPath(ctx.path)) throw new AppError('not_found');
    setPageHeaders(ctx, own.isSecure(ctx.req), policy);
    if (files === undefined) answerNoApp(ctx);
    else await answerFile(ctx, find(ctx, files));
  };
}

function find(ctx: ParameterizedContext, files: ReadonlyMap<string, WebFile>): WebFile {
  const path = decodeURIComponent(ctx.path);
  const file = files.get(path) ?? (isNavigation(ctx) ? files.get('/index.html') : undefined);
  if (file === undefined) throw new AppError('not_found');
  return file;
}

/** Whether a person opens a page; a missing script or image must not be answered with one. */
function isNavigation(ctx: ParameterizedContext): boolean {
  if (ctx.path === '/') return true;
  return ctx.get('accept').includes('text/html') && !ctx.path.startsWith('/assets/');
}

/** Answers with a file: packed as the browser takes it, or that it has it already. */
export async function answerFile(ctx: ParameterizedContext, file: WebFile): Promise<void> {
  const encoding: Encoding = file.compressible ? chooseEncoding(ctx) : 'identity';
  ctx.status = 200;
  ctx.type = file.extension;
  ctx.set('cache-control', file.hashed ? FOR_EVER : ASK_EACH_TIME);
  if (file.compressible) ctx.vary('accept-encoding');
  ctx.set('etag', encoding === 'identity' ? file.etag : `${file.etag.slice(0, -1)}-${encoding}"`);
  if (ctx.fresh) {
    ctx.status = 304;
    return;
  }
  if (encoding !== 'identity') ctx.set('content-encoding', encoding);
  ctx.body = await file.bytes(encoding);
}

/** The smallest form that the browser takes, whatever it likes best. */
function chooseEncoding(ctx: ParameterizedContext): Encoding {
  const packed = (['br', 'gzip'] as const).find((name) => ctx.acceptsEncodings(name) === name);
  return packed ?? 'identity';
}

function answerNoApp(ctx: ParameterizedContext): void {
  if (!isNavigation(ctx)) throw new AppError('not_found');
  ctx.set('cache-control', 'no-store');
  ctx.type = 'html';
  ctx.body = NO_APP;
}
