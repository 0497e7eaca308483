import { fileURLToPath } from 'node:url';
import { createElement, type ReactNode } from 'react';
import { renderToString } from 'react-dom/server';
import { createServer, defaultServerConditions as SERVER, type ViteDevServer } from 'vite';

import type * as ClientContextModule from '../../src/client-context.ts';
import type * as ServicesModule from '../../src/services.ts';
import type * as PartsModule from '../../src/parts.ts';
import type * as NoticeModule from '../../src/ui/notice.tsx';
import { Navigation } from '../../src/navigation.ts';
import { createParts } from '../../src/parts.ts';
import { Bff } from '../../src/session/bff.ts';
import { SessionStore, USER_KEY } from '../../src/session/session-store.ts';
import { user } from './builders.ts';
import type { FakeClient } from './fake-client.ts';
import { fakeWindow } from './fake-window.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Timeout in milliseconds for loading the app's modules on a busy machine. */
export const PATIENCE = 60_000;

/** Loads modules of the app through Vite, with JSX and style sheets, and renders them to HTML. */
export class Renderer {
  readonly #vite: ViteDevServer;

  private constructor(vite: ViteDevServer) {
    this.#vite = vite;
  }

  static async create(): Promise<Renderer> {
    const vite = await createServer({
      root,
      configFile: `${root}vite.config.js`,
      appType: 'custom',
      logLevel: 'silent',
      optimizeDeps: { noDiscovery: true },
      // Resolve sources: a fresh clone runs the tests before it builds.
      ssr: { noExternal: [/^@parley\//], resolve: { conditions: ['source', ...SERVER] } },
      server: { middlewareMode: true, hmr: false, ws: false, watch: null },
    });
    return new Renderer(vite);
  }

  close(): Promise<void> {
    return this.#vite.close();
  }

  /** Loads a module by its path in `src`. */
  async load<Module>(path: string): Promise<Module> {
    return (await this.#vite.ssrLoadModule(`/src/${path}`)) as Module;
  }

  /** The HTML of a component of the signed-in app, for the page at `path`. */
  async draw(part: ReactNode, client: FakeClient, path = '/'): Promise<string> {
    const { ServicesContext } = await this.load<typeof ServicesModule>('services.ts');
    const { ClientContext } = await this.load<typeof ClientContextModule>('client-context.ts');
    const { NoticeProvider } = await this.load<typeof NoticeModule>('ui/notice.tsx');
    const services = fakeServices(client, path);
    const { PartsContext } = await this.load<typeof PartsModule>('parts.ts');
    const withParts = createElement(PartsContext, { value: services.makeParts(client) }, part);
    const inner = createElement(ClientContext, { value: client }, withParts);
    const noticed = createElement(NoticeProvider, { children: inner });
    return renderToString(createElement(ServicesContext, { value: services }, noticed));
  }
}

function fakeServices(client: FakeClient, path: string): ServicesModule.Services {
  const kept = JSON.stringify(user(1, 'Grace Hopper'));
  const bff = new Bff(() => Promise.reject(new Error('There is no server')));
  const session = new SessionStore({
    bff,
    storage: {
      getItem: (key) => (key === USER_KEY ? kept : null),
      setItem: () => undefined,
      removeItem: () => undefined,
    },
  });
  return {
    bff,
    session,
    navigation: new Navigation(fakeWindow(path)),
    resetToken: () => null,
    makeClient: () => client,
    makeParts: (made) => createParts(made),
  };
}
