import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';

import { useApp, type App } from '../support/app.ts';
import {
  messages,
  openPage,
  register,
  say,
  sees,
  startChat,
  type Someone,
} from '../support/browser.ts';
import { drawn, pick, picture, send } from '../support/files.ts';

const NOTE = { name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('A note') };
/** Of this machine in its network; without a network, a second address of this machine stands for it. */
const LAN =
  Object.values(networkInterfaces())
    .flatMap((infos) => infos ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.2';

/** Two people who open the app by an origin and talk. */
async function meet(app: App, origin: string): Promise<[Someone, Someone]> {
  const enter = async (name: string): Promise<Someone> => {
    const opened = await openPage(app.browser, origin);
    return { name, username: await register(opened, name), ...opened };
  };
  const [ann, ben] = await Promise.all([enter('Ann'), enter('Ben')]);
  await startChat(ann, ben);
  return [ann, ben];
}

/** Sends a picture and a document, draws the one and downloads the other. Neither page complains. */
async function exchangeFiles(ann: Someone, ben: Someone): Promise<void> {
  await pick(ann, picture('hill.png'));
  await send(ann, 'From the hill');
  await sees(ben, 'From the hill');
  assert.equal((await drawn(ben, 0)).width > 0, true);
  await pick(ann, NOTE);
  await send(ann);
  const downloading = ben.page.waitForEvent('download');
  await ben.page.getByRole('button', { name: 'Download note.txt' }).click();
  assert.equal(await readFile(await (await downloading).path(), 'utf8'), 'A note');
  await say(ben, 'Thank you');
  await sees(ann, 'Thank you');
  assert.deepEqual([...ann.complaints, ...ben.complaints], []);
}

describe('the app on HOST=::1', function () {
  this.timeout(300_000);
  const app = useApp({ env: { HOST: '::1' } });

  it('opens by the printed address, and brings messages and files', async () => {
    assert.match(app.origin, /^http:\/\/\[::1\]:\d+$/);
    const [ann, ben] = await meet(app, app.origin);
    await exchangeFiles(ann, ben);
  });
});

describe('the app on HOST=0.0.0.0', function () {
  this.timeout(300_000);
  const app = useApp({ env: { HOST: '0.0.0.0' } });
  const at = (host: string) => app.origin.replace('127.0.0.1', host);

  it('brings messages and files to who opens it by the printed address', async () => {
    const [ann, ben] = await meet(app, app.origin);
    await exchangeFiles(ann, ben);
  });

  it('brings messages and files to who opens it by the address of the machine, and copies text', async () => {
    const [ann, ben] = await meet(app, at(LAN));
    // Chromium counts all of 127.0.0.0/8 as secure, and other addresses over http as not.
    const isSecure = await ann.page.evaluate(() => isSecureContext);
    assert.equal(isSecure, LAN.startsWith('127.'));
    await exchangeFiles(ann, ben);
    await messages(ann, 'Hello Ben').click({ button: 'right' });
    await ann.page.getByRole('menuitem', { name: 'Copy text' }).click();
    await ann.page.getByText('Copied', { exact: true }).waitFor();
  });
});
