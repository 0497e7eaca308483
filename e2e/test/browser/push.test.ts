import assert from 'node:assert/strict';
import type { BrowserContext, Worker } from 'playwright-core';

import { useApp } from '../support/app.ts';
import { openChat, rowOf, say, sees, type Someone } from '../support/browser.ts';

/** A Firebase web app that is nobody's. */
const FIREBASE = {
  apiKey: 'key-of-nobody',
  appId: '1:1:web:1',
  messagingSenderId: '1',
  projectId: 'nobody',
  vapidKey: 'B'.repeat(87),
};

/** A browser that any push service takes. As text: what the runner compiles has names of its own in it. */
const SUBSCRIBED = `
  PushManager.prototype.getSubscription = async () => null;
  PushManager.prototype.subscribe = async () => ({
    endpoint: 'https://push.example.org/1',
    getKey: () => new Uint8Array(65).buffer,
    unsubscribe: async () => true,
  });
`;

/** A page that nobody looks at, whose notifications can be clicked. As text too. */
const UNWATCHED = `
  document.hasFocus = () => false;
  globalThis.shown = [];
  globalThis.Notification = class extends Notification {
    constructor(...given) {
      super(...given);
      shown.push(this);
    }
  };
`;

interface Unwatched {
  readonly shown: readonly Notification[];
}

/** What a worker knows of the pages. */
interface WorkerScope {
  readonly clients: {
    matchAll(options: object): Promise<readonly { postMessage(message: object): void }[]>;
  };
}

/** Answers in the place of Firebase, and of the push service that a browser subscribes to. Tells who was asked. */
async function standIn(context: BrowserContext): Promise<readonly string[]> {
  const asked: string[] = [];
  const headers = {
    'access-control-allow-origin': '*',
    'access-control-allow-headers': '*',
    'access-control-allow-methods': '*',
  };
  const answers = {
    firebaseinstallations: {
      fid: 'cAbCdEfGhIjKlMnOpQrStU',
      refreshToken: 'r',
      authToken: { token: 'a.b.c', expiresIn: '604800s' },
    },
    fcmregistrations: { token: 'token-of-this-browser' },
  };
  for (const [host, json] of Object.entries(answers)) {
    await context.route(`https://${host}.googleapis.com/**`, async (route) => {
      if (route.request().method() !== 'OPTIONS') asked.push(host);
      await route.fulfill({ status: 200, headers, json });
    });
  }
  await context.addInitScript({ content: SUBSCRIBED });
  return asked;
}

/** Dispatches a push to the worker, and returns the notifications that are shown when it has handled the push. */
function deliver(worker: Worker, data: Readonly<Record<string, string>>): Promise<string[]> {
  return worker.evaluate(async (payload) => {
    const scope = globalThis as unknown as {
      readonly registration: ServiceWorkerRegistration;
      readonly PushEvent: new (type: string, init: { data: string }) => Event;
      dispatchEvent(event: Event): void;
    };
    const event = new scope.PushEvent('push', { data: JSON.stringify({ data: payload }) });
    // The worker extends the event until it has handled the push.
    const handling: unknown[] = [];
    Object.defineProperty(event, 'waitUntil', { value: handling.push.bind(handling) });
    scope.dispatchEvent(event);
    if (handling.length === 0) throw new Error('The worker does not handle the push');
    await Promise.all(handling);
    const shown = await scope.registration.getNotifications();
    return shown.map(({ title, body, tag }) => `${tag}: ${title}, ${body}`);
  }, data);
}

describe('pushes to a browser', () => {
  const app = useApp({
    env: { PARLEY_FIREBASE_WEB_CONFIG: JSON.stringify(FIREBASE) },
    notifications: true,
  });
  let ann: Someone;
  let asked: readonly string[];

  before(async () => {
    ann = await app.enter('Ann');
    asked = await standIn(ann.context);
    await ann.context.grantPermissions(['notifications'], { origin: app.origin });
    await ann.page.reload();
  });

  it('are registered once the person asks for notifications, and not before', async () => {
    await ann.page.getByRole('button', { name: 'Settings' }).click();
    assert.deepEqual(asked, []);
    await ann.page.getByRole('button', { name: 'Notifications' }).click();
    await ann.page.getByRole('switch', { name: 'Notifications on this device' }).click();
    await ann.page.getByText('Also while Parley is closed').waitFor();
    assert.deepEqual(asked, ['firebaseinstallations', 'fcmregistrations']);
  });

  it('lead to their conversation', async () => {
    const { page } = ann;
    const ben = await app.enter('Ben');
    await page.goto(app.origin);
    await openChat(ben, ann);
    await say(ben, 'Look here');
    await rowOf(ann, 'Ben').getByText('Look here').waitFor();
    // What the worker tells a page when somebody clicks; only a real click may bring the page to the front.
    const href = await rowOf(ann, 'Ben').getAttribute('href');
    const [worker] = ann.context.serviceWorkers();
    await worker!.evaluate(async (path) => {
      const { clients } = globalThis as unknown as WorkerScope;
      const [open] = await clients.matchAll({ type: 'window', includeUncontrolled: true });
      open!.postMessage({ type: 'parley:open', path });
    }, href);
    await page.getByRole('log', { name: 'Messages with Ben' }).waitFor();
    await sees(ann, 'Look here');

    // The page's own notification, where the app is open and nobody looks.
    await page.evaluate(UNWATCHED);
    await page.getByRole('button', { name: 'Settings' }).click();
    await say(ben, 'And here');
    await page.waitForFunction(() => (globalThis as unknown as Unwatched).shown.length > 0);
    const { body, title } = await page.evaluate(() => {
      const [first] = (globalThis as unknown as Unwatched).shown;
      const seen = { title: first!.title, body: first!.body };
      first!.onclick?.(new Event('click'));
      return seen;
    });
    assert.deepEqual([title, body], ['Ben', 'And here']);
    await sees(ann, 'And here');
    await page.getByRole('heading', { name: 'Settings' }).waitFor({ state: 'detached' });
  });

  it('are shown by the worker where nobody looks, the newest of a conversation alone', async () => {
    const [worker] = ann.context.serviceWorkers();
    assert.ok(worker);
    const message = { type: 'message', tag: 'one', title: 'Ben' };
    assert.deepEqual(await deliver(worker, { ...message, body: 'Hello' }), []);
    await ann.page.goto('about:blank');
    assert.deepEqual(await deliver(worker, { ...message, body: 'Hello' }), ['one: Ben, Hello']);
    const next = await deliver(worker, { ...message, body: '2 new messages' });
    assert.deepEqual(next, ['one: Ben, 2 new messages']);
    assert.deepEqual(await deliver(worker, { type: 'read', tag: 'one' }), []);
  });
});
