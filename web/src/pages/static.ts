import type { HttpState } from '@parley/backend-common';
import { AppError } from '@parley/common';
import type { Middleware, ParameterizedContext } from 'koa';

import { isPlainPath } from '../proxy/service-paths.ts';
import { answerFile } from './answer-file.ts';
import { type PageReach, pagePolicy, setPageHeaders } from './page-headers.ts';
import type { WebFile } from './web-files.ts';

interface StaticDeps extends PageReach {
  /** The built web app; absent if there is none. */
  readonly files: ReadonlyMap<string, WebFile> | undefined;
}

const NO_APP = `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>Parley</title></head>
  <body><h1>Parley</h1><p>The web app is not built. The API answers under /api and /socket.io.</p></body>
</html>
`;

/** Serves the web app; a path that a browser navigates to and that names no file is a route of the app. */
export function serveStatic({ files, ...reach }: StaticDeps): Middleware<HttpState> {
  const policy = pagePolicy(reach);
  return (ctx) => {
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') throw new AppError('unknown_operation');
    if (!isPlainPath(ctx.path)) throw new AppError('not_found');
    setPageHeaders(ctx, policy);
    if (files === undefined) answerNoApp(ctx);
    else answerFile(ctx, find(ctx, files));
  };
}

function find(ctx: ParameterizedContext, files: ReadonlyMap<string, WebFile>): WebFile {
  const path = decodeURIComponent(ctx.path);
  const file = files.get(path) ?? (isNavigation(ctx) ? files.get('/index.html') : undefined);
  if (file === undefined) throw new AppError('not_found');
  return file;
}

/** Whether a browser navigates to the path; a missing script or image must not be answered with the page. */
function isNavigation(ctx: ParameterizedContext): boolean {
  if (ctx.path === '/') return true;
  return ctx.get('accept').includes('text/html') && !ctx.path.startsWith('/assets/');
}

function answerNoApp(ctx: ParameterizedContext): void {
  if (!isNavigation(ctx)) throw new AppError('not_found');
  ctx.set('cache-control', 'no-store');
  ctx.type = 'html';
  ctx.body = NO_APP;
}
