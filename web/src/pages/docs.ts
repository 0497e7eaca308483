import type { HttpState } from '@parley/backend-common';
import { AppError } from '@parley/common';
import type { Middleware } from 'koa';

import { answerFile } from './answer-file.ts';
import { DOCS_POLICY, setPageHeaders } from './page-headers.ts';
import type { WebFile } from './web-files.ts';

interface DocsDeps {
  /** The built API reference; absent if there is none. */
  readonly files: ReadonlyMap<string, WebFile> | undefined;
}

const PREFIX = '/docs';

/** `/docs`: the API reference, which the build generates from the contract. */
export function serveDocs({ files }: DocsDeps): Middleware<HttpState> {
  return async (ctx, next) => {
    if (ctx.path !== PREFIX && !ctx.path.startsWith(`${PREFIX}/`)) {
      await next();
      return;
    }
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') throw new AppError('unknown_operation');
    const path = ctx.path.slice(PREFIX.length);
    const file = files?.get(path === '' || path === '/' ? '/index.html' : path);
    if (file === undefined) throw new AppError('not_found');
    setPageHeaders(ctx, DOCS_POLICY);
    answerFile(ctx, file);
  };
}
