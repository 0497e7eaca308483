import type { KeyValueStore, Platform, PlatformLock } from '../core/platform.ts';
import { memoryPlatform, memoryStore } from './memory.ts';

/** The part of the browser's API that is used. With it, the client compiles without the types of browsers. */
interface Page {
  readonly localStorage?: WebStorage;
  readonly navigator?: { readonly onLine?: boolean; readonly locks?: WebLocks };
  readonly document?: Events & { readonly visibilityState: string };
  readonly addEventListener?: Events['addEventListener'];
  readonly removeEventListener?: Events['removeEventListener'];
}

interface Events {
  addEventListener(type: string, listener: (event: PageEvent) => void): void;
  removeEventListener(type: string, listener: (event: PageEvent) => void): void;
}

/** What is used of an event: a `storage` event has a key, which is `null` when everything was removed. */
interface PageEvent {
  readonly key?: string | null;
  readonly newValue?: string | null;
}

interface WebStorage {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

interface WebLocks {
  request(name: string, held: () => Promise<void>): Promise<unknown>;
}

/** Options of the browser platform. */
export interface BrowserPlatformOptions {
  /** Default: `localStorage`; where the browser refuses it, memory, and nothing counts as kept. */
  readonly storage?: KeyValueStore;
}

const page = globalThis as unknown as Page;

/** The platform of a web page. Uses Web Locks where there are any, so that tabs share one outbox. */
export function browserPlatform(options: BrowserPlatformOptions = {}): Platform {
  const locks = page.navigator?.locks;
  return {
    ...memoryPlatform(),
    storage: options.storage ?? localStore(),
    isOnline: () => page.navigator?.onLine !== false,
    onOnlineChange: (listener) => {
      const stops = [
        listen(page, 'online', () => {
          listener(true);
        }),
        listen(page, 'offline', () => {
          listener(false);
        }),
      ];
      return () => {
        for (const stop of stops) stop();
      };
    },
    isVisible: () => page.document?.visibilityState !== 'hidden',
    onVisibilityChange: (listener) => {
      const { document } = page;
      if (!document) return () => undefined;
      return listen(document, 'visibilitychange', () => {
        listener(document.visibilityState === 'visible');
      });
    },
    ...(locks ? { lock: (name: string) => webLock(locks, name) } : {}),
  };
}

function listen(
  target: Partial<Events>,
  type: string,
  listener: (event: PageEvent) => void,
): () => void {
  target.addEventListener?.(type, listener);
  return () => {
    target.removeEventListener?.(type, listener);
  };
}

/** `localStorage` writes before it returns, so what was sent just before a reload is kept. */
function localStore(): KeyValueStore {
  let storage: WebStorage | undefined;
  try {
    storage = page.localStorage;
  } catch {
    // Reading the property throws where the user forbids storage.
  }
  if (!storage) return forgetfulStore();
  const kept = storage;
  return {
    isSynchronous: true,
    get: (key) => attempt(() => kept.getItem(key)),
    set: (key, value) => attempt(() => kept.setItem(key, value)),
    remove: (key) => attempt(() => kept.removeItem(key)),
    keys: () =>
      attempt(() =>
        Array.from({ length: kept.length }, (_, index) => kept.key(index) ?? '').filter(Boolean),
      ),
    onChange: (listener) =>
      listen(page, 'storage', ({ key, newValue = null }) => {
        if (key) listener(key, newValue);
      }),
  };
}

/** Memory whose writes are refused: what is in it ends with the page. */
function forgetfulStore(): KeyValueStore {
  const memory = memoryStore();
  const set = async (key: string, value: string) => {
    await memory.set(key, value);
    throw new Error('The browser keeps nothing');
  };
  return { ...memory, isSynchronous: false, set };
}

/** Runs the task synchronously. An error that it throws rejects the promise. */
function attempt<T>(task: () => T): Promise<T> {
  return new Promise((resolve) => resolve(task()));
}

function webLock(locks: WebLocks, name: string): PlatformLock {
  let release: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    release = resolve;
  });
  const held = new Promise<void>((resolve, reject) => {
    locks
      .request(name, () => {
        resolve();
        return done;
      })
      .catch(reject);
  });
  return { held, release };
}
