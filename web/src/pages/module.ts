import type { HttpState } from '@parley/backend-common';
import type { Middleware } from 'koa';

import { serveDocs } from './docs.ts';
import { serveStatic } from './static.ts';
import { loadWebFiles } from './web-files.ts';

/** What the pages module depends on. */
export interface PagesModuleDeps {
  /** Folder of the built web app. If absent, a page explains that there is no web app. */
  readonly webRoot: string | undefined;
  /** Folder of the built API reference. If absent, `/docs` answers `not_found`. */
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

/** Loads the files of the pages. @throws ConfigError if a folder does not contain a build */
export async function createPagesModule(deps: PagesModuleDeps): Promise<PagesModule> {
  const { storeOrigin: store, webPush } = deps;
  const [app, docs] = await Promise.all([
    loadFolder(deps.webRoot, 'PARLEY_WEB_ROOT'),
    loadFolder(deps.docsRoot, 'PARLEY_DOCS_ROOT'),
  ]);
  return {
    middleware: [serveDocs({ files: docs }), serveStatic({ files: app, store, webPush })],
  };
}

async function loadFolder(root: string | undefined, variable: string) {
  return root === undefined ? undefined : loadWebFiles({ root, variable });
}
