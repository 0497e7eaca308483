import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { useApp } from '../support/app.ts';
import {
  closeRoad,
  composer,
  openPage,
  openRoad,
  register,
  say,
  sees,
  startChat,
  tick,
  type Someone,
} from '../support/browser.ts';
import { drawn, pick, picture, send } from '../support/files.ts';

const LOSING = /^This browser has no room to keep what you wrote/;

/** IndexedDB as it fails in some private windows: each request ends with an error. */
const NO_DATABASE = `
  indexedDB.open = () => {
    const request = { error: new DOMException('Refused', 'InvalidStateError') };
    setTimeout(() => request.onerror?.());
    return request;
  };
`;
const THROWS = (name: string) => `() => { throw new DOMException('Refused', '${name}'); }`;
const WITHOUT_ROOM = `
  Storage.prototype.setItem = ${THROWS('QuotaExceededError')};
  IDBObjectStore.prototype.put = ${THROWS('QuotaExceededError')};
`;
const REFUSED = `
  for (const name of ['localStorage', 'sessionStorage', 'indexedDB']) {
    Object.defineProperty(window, name, { get: ${THROWS('SecurityError')} });
  }
`;
const BROKEN = `
  for (const name of ['getItem', 'setItem', 'removeItem', 'key']) {
    Storage.prototype[name] = ${THROWS('UnknownError')};
  }
  IDBFactory.prototype.open = ${THROWS('UnknownError')};
`;
const MISSING = `
  for (const name of ['localStorage', 'sessionStorage', 'indexedDB']) {
    Object.defineProperty(window, name, { value: undefined });
  }
`;

describe('a browser that keeps nothing', function () {
  this.timeout(300_000);
  const app = useApp({ env: { PARLEY_RATE_LIMITS: 'off' } });
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-storage-'));
  });
  after(() => rm(folder, { recursive: true }));

  /** Ann, whose pages run a script first, talks to Ben. */
  async function meet(script: string): Promise<[Someone, Someone]> {
    const opened = await openPage(app.browser, 'about:blank');
    await opened.context.addInitScript(script);
    await opened.page.goto(app.origin);
    const [ann, ben] = await Promise.all([
      register(opened, 'Ann').then((username) => ({ name: 'Ann', username, ...opened })),
      app.enter('Ben'),
    ]);
    await startChat(ann, ben);
    return [ann, ben];
  }

  /** Tries to load the page again; the user stays when the browser asks. Fails if it does not ask. */
  async function refuseToLeave({ page }: Someone): Promise<void> {
    const asking = page.waitForEvent('dialog');
    const leaving = page.evaluate(() => location.reload());
    const dialog = await asking;
    assert.equal(dialog.type(), 'beforeunload');
    await dialog.dismiss();
    await leaving.catch(() => undefined);
  }

  for (const [name, script] of [
    ['has no room', WITHOUT_ROOM],
    ['refuses its storage to the page', REFUSED],
    ['fails with its storage', BROKEN],
    ['has no storage', MISSING],
  ] as const) {
    it(`${name}: everything is sent, and nothing that waits is lost without a question`, async () => {
      const [ann, ben] = await meet(script);
      await pick(ann, picture('hill.png'));
      await send(ann, 'From the hill');
      await sees(ben, 'From the hill');
      await drawn(ben, 0);
      await ann.page.reload();
      await sees(ann, 'From the hill');

      await ann.context.setOffline(true);
      await say(ann, 'from the tunnel');
      await tick(ann, 'from the tunnel', 'Sending').waitFor();
      await ann.page.getByText(LOSING).waitFor();
      await refuseToLeave(ann);
      await composer(ann).fill('half a thought');
      await ann.context.setOffline(false);
      await sees(ben, 'from the tunnel');
      await tick(ann, 'from the tunnel', 'Read').waitFor();
      await refuseToLeave(ann);
      assert.equal(await composer(ann).inputValue(), 'half a thought');

      await composer(ann).fill('');
      await ann.page.getByText(LOSING).waitFor({ state: 'detached' });
      await ann.page.reload();
      await sees(ann, 'from the tunnel');
      assert.deepEqual(ann.complaints, []);
      await ann.context.close();
    });
  }

  it('has no room for files alone: what waits for one asks for it again, and nothing else waits', async () => {
    const [ann, ben] = await meet(NO_DATABASE);
    await closeRoad(ann.context);
    await ann.page.reload();
    await composer(ann).waitFor();
    const path = join(folder, 'kept.png');
    await writeFile(path, picture('kept.png').buffer);
    await pick(ann, path);
    await send(ann, 'with a picture');
    await say(ann, 'after the picture');
    await tick(ann, 'after the picture', 'Sending').waitFor();
    await ann.page.reload();
    await sees(ann, 'with a picture');
    await openRoad(ann.context);
    // The next attempt to connect may be half a minute away.
    await ann.page.getByText('Choose this file again to continue.').waitFor({ timeout: 60_000 });
    await sees(ben, 'after the picture');
    const choosing = ann.page.waitForEvent('filechooser');
    await ann.page.getByRole('button', { name: 'Choose the file' }).click();
    await (await choosing).setFiles(path);
    await sees(ben, 'with a picture');
    await drawn(ben, 0);
    await ann.context.close();
  });
});
