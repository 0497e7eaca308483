import { plainText } from '../formatting/plain-text.ts';
import { type PushAction, readPush } from './push-content.ts';
import type { OpenRequest } from './registration.ts';

/** The parts of the worker's global scope that are used here; the page's types do not include them. */
interface WorkerScope {
  readonly registration: ServiceWorkerRegistration;
  readonly clients: {
    matchAll(options: { type: 'window'; includeUncontrolled: true }): Promise<readonly Page[]>;
    openWindow(path: string): Promise<unknown>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(type: 'install', listener: (event: Lasting) => void): void;
  addEventListener(type: 'push', listener: (event: PushEvent) => void): void;
  addEventListener(type: 'notificationclick', listener: (event: ClickEvent) => void): void;
}

interface Lasting {
  waitUntil(task: Promise<unknown>): void;
}

interface PushEvent extends Lasting {
  readonly data: { json(): unknown } | null;
}

interface ClickEvent extends Lasting {
  readonly notification: Notification;
}

interface Page {
  readonly visibilityState: string;
  focus(): Promise<Page>;
  postMessage(message: OpenRequest): void;
}

const scope = globalThis as unknown as WorkerScope;
const pages = () => scope.clients.matchAll({ type: 'window', includeUncontrolled: true });

scope.addEventListener('install', (event) => {
  event.waitUntil(scope.skipWaiting());
});

scope.addEventListener('push', (event) => {
  event.waitUntil(take(readPush(jsonOf(event))));
});

scope.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const { path } = event.notification.data as { readonly path: string };
  event.waitUntil(open(path));
});

function jsonOf({ data }: PushEvent): unknown {
  try {
    return data?.json() ?? null;
  } catch {
    return null;
  }
}

async function take(action: PushAction): Promise<void> {
  const { registration } = scope;
  switch (action.kind) {
    case 'ignore':
      return;
    case 'close':
      for (const shown of await registration.getNotifications({ tag: action.tag })) shown.close();
      return;
    case 'show': {
      // The app is visible and shows the message itself.
      if ((await pages()).some(({ visibilityState }) => visibilityState === 'visible')) return;
      const { tag, title, body, path } = action;
      await registration.showNotification(title, {
        tag,
        body: plainText(body),
        icon: '/favicon.svg',
        data: { path },
      });
    }
  }
}

/** Opens the address in an open page, otherwise in a new one. */
async function open(path: string): Promise<void> {
  const [page] = await pages();
  if (page === undefined) {
    await scope.clients.openWindow(path);
    return;
  }
  const focused = await page.focus();
  focused.postMessage({ type: 'parley:open', path });
}
