import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';

import { useApp, type App } from '../support/app.ts';
import {
  composer,
  messages,
  openPage,
  register,
  say,
  sees,
  startChat,
  tick,
  type Someone,
} from '../support/browser.ts';
import { drawn, pick, picture, send } from '../support/files.ts';
import { Front } from '../support/links/front.ts';
import { Link } from '../support/links/link.ts';

const NOTE = { name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('A note') };
/** Of this machine in its network; without a network, a second address of this machine stands for it. */
const LAN =
  Object.values(networkInterfaces())
    .flatMap((infos) => infos ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.2';

/** Somebody new who opens the app by an origin. */
async function enterBy(app: App, origin: string, name: string): Promise<Someone> {
  const opened = await openPage(app.browser, origin);
  return { name, username: await register(opened, name), ...opened };
}

/** Two people who open the app by an origin and talk. */
async function meet(app: App, origin: string): Promise<[Someone, Someone]> {
  const [ann, ben] = await Promise.all([enterBy(app, origin, 'Ann'), enterBy(app, origin, 'Ben')]);
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

describe('the app on HOST=::', function () {
  this.timeout(300_000);
  const app = useApp({ env: { HOST: '::' } });

  for (const host of ['127.0.0.1', '[::1]', 'localhost']) {
    it(`brings messages and files to who opens it by ${host}`, async () => {
      const [ann, ben] = await meet(app, `http://${host}:${new URL(app.origin).port}`);
      await exchangeFiles(ann, ben);
    });
  }
});

describe('the app on a mapped port', function () {
  this.timeout(300_000);
  const app = useApp({ env: { PARLEY_RATE_LIMITS: 'off' } });
  let front: Front;
  let sixth: Front;
  let mapped: Link;
  /** The port that browsers use is never the one that the service listens on. */
  const by = (host: string, { port }: { readonly port: number }) => `http://${host}:${port}`;

  before(async () => {
    mapped = await Link.open({ target: Number(new URL(app.origin).port) });
    [front, sixth] = await Promise.all([Front.open(), Front.open({ host: '::1' })]);
    for (const proxy of [front, sixth]) proxy.leadTo(app.origin);
  });
  after(() => Promise.all([mapped, front, sixth].map((proxy) => proxy.close())));

  it('brings messages and files through a port that is mapped', async () => {
    const [ann, ben] = await meet(app, by('127.0.0.1', mapped));
    await exchangeFiles(ann, ben);
  });

  it('brings messages and files to who opens it by a name', async () => {
    const [ann, ben] = await meet(app, by('localhost', front));
    await exchangeFiles(ann, ben);
  });

  it('brings messages and files through a port that is mapped at an address of IPv6', async () => {
    const [ann, ben] = await meet(app, by('[::1]', sixth));
    await exchangeFiles(ann, ben);
  });

  it('keeps apart who is signed in on two ports of one host in one browser', async () => {
    const ann = await enterBy(app, by('127.0.0.1', mapped), 'Ann');
    const page = await ann.context.newPage();
    await page.goto(by('127.0.0.1', front));
    const ben = { ...ann, page, name: 'Ben', username: await register({ page }, 'Ben') };
    for (const [one, other] of [
      [ann, ben],
      [ben, ann],
    ] as const) {
      await one.page.reload();
      await one.page.getByRole('button', { name: 'Settings' }).click();
      await one.page.getByText(`@${one.username}`).first().waitFor();
      assert.equal(await one.page.getByText(`@${other.username}`).count(), 0);
    }
    const names = (await ann.context.cookies()).map(({ name }) => name);
    assert.deepEqual(names.sort(), [`parley-${front.port}`, `parley-${mapped.port}`].sort());
  });

  for (const how of ['refused', 'hanging', 'stripped'] as const) {
    it(`says what is wrong while a proxy has upgrades ${how}, and sends what waits once they pass`, async () => {
      front.treatUpgrades('passed');
      const [ann, ben] = await Promise.all([
        enterBy(app, by('127.0.0.1', front), 'Ann'),
        enterBy(app, app.origin, 'Ben'),
      ]);
      await startChat(ann, ben);
      front.treatUpgrades(how);
      const banner = ann.page.getByText(/^Something on the way to Parley blocks its connection/);
      await banner.waitFor({ timeout: 90_000 });
      await say(ann, `upgrades were ${how}`);
      await tick(ann, `upgrades were ${how}`, 'Sending').waitFor();
      front.treatUpgrades('passed');
      // Unless it has just tried again by itself.
      await ann.page
        .getByRole('button', { name: 'Try now' })
        .evaluateAll((buttons) => buttons.forEach((button) => (button as HTMLElement).click()));
      await sees(ben, `upgrades were ${how}`);
      await banner.waitFor({ state: 'detached' });
      await say(ben, 'There you are');
      await sees(ann, 'There you are');
    });
  }
});

describe('the app behind a proxy with a name of its own, and long polling', function () {
  this.timeout(300_000);
  let front: Front;
  const origin = () => `http://parley.localhost:${front.port}`;
  before(async () => {
    front = await Front.open({ hidesHost: true });
  });
  const app = useApp({
    get env() {
      return {
        PARLEY_PUBLIC_ORIGIN: origin(),
        PARLEY_TRUSTED_PROXIES: '127.0.0.1',
        PARLEY_LONG_POLLING: 'on',
      };
    },
  });
  before(() => front.leadTo(app.origin));
  after(() => front.close());

  it('counts people by their address, whatever port the proxy adds', async () => {
    const { page, context } = await openPage(app.browser, origin());
    const registered = async (address: string, username: string) => {
      front.forwardedFor = address;
      return page.evaluate(async (name) => {
        const headers = { 'content-type': 'application/json', 'x-parley': '1' };
        const body = JSON.stringify({ username: name, password: 'a long enough secret' });
        return (await fetch('/bff/register', { method: 'POST', headers, body })).status;
      }, username);
    };
    const statuses: number[] = [];
    for (let count = 1; count <= 11; count += 1) {
      statuses.push(await registered(`203.0.113.7:${50_000 + count}`, `counted-${count}`));
    }
    assert.deepEqual(statuses, [...Array<number>(10).fill(201), 429]);
    assert.equal(await registered('203.0.113.7', 'counted-12'), 429);
    assert.equal(await registered('[::ffff:203.0.113.7]:50013', 'counted-13'), 429);
    assert.equal(await registered('203.0.113.8:50001', 'counted-14'), 201);
    assert.equal(await registered('[2001:db8::7]:50001', 'counted-15'), 201);
    await context.close();
  });

  it('works without WebSockets, whatever the proxy does to them', async () => {
    front.forwardedFor = '203.0.113.20:50001';
    front.treatUpgrades('refused');
    const [ann, ben] = await meet(app, origin());
    await exchangeFiles(ann, ben);
    for (const how of ['hanging', 'stripped', 'passed'] as const) {
      front.treatUpgrades(how);
      for (const someone of [ann, ben]) {
        await someone.page.reload();
        await composer(someone).waitFor();
      }
      await say(ann, `upgrades are ${how}`);
      await sees(ben, `upgrades are ${how}`);
      await tick(ann, `upgrades are ${how}`, 'Read').waitFor({ timeout: 60_000 });
    }
  });
});
