import type { HttpState } from '@parley/backend-common';
import { AppError } from '@parley/common';
import type { Middleware } from 'koa';

import { createReference } from '../docs/documents.ts';
import { DOC_PATHS } from '../docs/page/reference-page.ts';
import type { OwnOrigin } from '../proxy/own-origin.ts';
import { READING_POLICY, setPageHeaders } from './page-headers.ts';
import { answerFile } from './static.ts';
import { toWebFile, type WebFile } from './web-files.ts';

/**
 * `/docs`: the contract that this server speaks, as a page and as documents for tools. It is written down when
 * somebody first asks, and kept.
 */
export function serveDocs({ own }: { readonly own: OwnOrigin }): Middleware<HttpState> {
  let files: ReadonlyMap<string, WebFile> | undefined;
  return async (ctx, next) => {
    const path = ctx.path === `${DOC_PATHS.page}/` ? DOC_PATHS.page : ctx.path;
    if (path !== DOC_PATHS.page && !path.startsWith(`${DOC_PATHS.page}/`)) {
      await next();
      return;
    }
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') throw new AppError('unknown_operation');
    files ??= readReference();
    const file = files.get(path);
    if (file === undefined) throw new AppError('not_found');
    setPageHeaders(ctx, own.isSecure(ctx.req), READING_POLICY);
    await answerFile(ctx, file);
  };
}

function readReference(): ReadonlyMap<string, WebFile> {
  const files = [...createReference()].map(([path, content]) => {
    const name = path === DOC_PATHS.page ? `${path}.html` : path;
    return [path, toWebFile(name, Buffer.from(content))] as const;
  });
  return new Map(files);
}
