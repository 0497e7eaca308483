import type { HttpState } from '@parley/backend-common';
import type { Middleware } from 'koa';

import type { OwnOrigin } from '../proxy/own-origin.ts';
import { serveDocs } from './docs.ts';
import { serveStatic } from './static.ts';
import { loadWebFiles } from './web-files.ts';

/** What the pages are built from. */
export interface PagesModuleDeps {
  readonly own: OwnOrigin;
  /** Folder of the built web app; absent: a page says that there is none. */
  readonly webRoot: string | undefined;
  /** Folder of the built API reference; absent: `/docs` is answered with `not_found`. */
  readonly docsRoot: string | undefined;
  /** Origin of the object store; absent if there is none. */
  readonly storeOrigin: string | undefined;
  /** Whether pages register with Firebase for pushes. */
  readonly webPush: boolean;
}

/** The web app and the API reference. */
export interface PagesModule {
  readonly middleware: readonly Middleware<HttpState>[];
}

/** Loads the files of the pages. @throws ConfigError when a folder is not a built one */
export async function createPagesModule(deps: PagesModuleDeps): Promise<PagesModule> {
  const { own, storeOrigin: store, webPush } = deps;
  const [app, docs] = await Promise.all([
    loadFolder(deps.webRoot, 'PARLEY_WEB_ROOT'),
    loadFolder(deps.docsRoot, 'PARLEY_DOCS_ROOT'),
  ]);
  return {
    middleware: [serveDocs({ own, files: docs }), serveStatic({ files: app, own, store, webPush })],
  };
}

async function loadFolder(root: string | undefined, variable: string) {
  return root === undefined ? undefined : loadWebFiles({ root, variable });
}
