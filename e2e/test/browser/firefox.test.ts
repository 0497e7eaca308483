import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { FirefoxPage, launchFirefox, messageWith, type Firefox } from '../support/firefox.ts';
import { PlainClient, register, type WireEntry } from '../support/plain-client.ts';
import { poll } from '../support/poll.ts';
import { testStack, type TestStack } from '../support/stack.ts';

const PATIENCE_MS = 60_000;
const MB = 1_000_000;

describe('the app in Firefox', function () {
  this.timeout(300_000);
  let parley: TestStack;
  let firefox: Firefox;
  let ann: FirefoxPage;
  let annsUsername = '';
  let ben: PlainClient;
  let bensUsername = '';
  let conversationId = '';
  let folder = '';

  const closings: (() => unknown)[] = [];

  before(async () => {
    firefox = await launchFirefox();
    closings.push(() => firefox.close());
    parley = await testStack({ webApp: true, nodes: 1, env: { PARLEY_RATE_LIMITS: 'off' } });
    closings.push(() => parley.close());
    folder = await mkdtemp(join(tmpdir(), 'parley-firefox-files-'));
    closings.push(() => rm(folder, { recursive: true, force: true }));
    const account = await register(parley.origin, 'Ben');
    bensUsername = account.username;
    ben = new PlainClient(parley.origin, account.token, { sync: 'heads' });
    closings.push(() => ben.close());
    await ben.until(() => ben.saw('ready'), PATIENCE_MS);
    ann = await FirefoxPage.open(firefox, parley.origin);
  });

  afterEach(() => ann.assertNoComplaints());

  after(async () => {
    for (const close of closings.reverse()) await close();
  });

  /** Waits until Ben has a message of Ann. */
  const bensEntry = (text: string): Promise<WireEntry> =>
    poll(() => ben.got.find((entry) => entry.text === text), PATIENCE_MS);

  const benSays = async (text: string): Promise<WireEntry> =>
    (await ben.request('message:send', {
      conversationId,
      clientId: text.replaceAll(' ', '-'),
      text,
    })) as WireEntry;

  it('registers a user, who finds somebody', async () => {
    annsUsername = await ann.register('Ann');
    await ann.press('New conversation');
    await ann.fill('input[aria-label="Search people"]', `@${bensUsername}`);
    await ann.page.locator(`.person ::-p-text(@${bensUsername})`).click();
    await ann.sees('.composer-field');
  });

  it('sends, and receives at once', async () => {
    await ann.say('Hello Ben');
    ({ conversationId } = await bensEntry('Hello Ben'));
    const { seq } = await benSays('Hello Ann');
    await ann.seesMessage('Hello Ann');
    const hasRead = ([name, payload]: [string, { readSeq?: number }]) =>
      name === 'receipt' && (payload.readSeq ?? 0) >= seq;
    await poll(() => ben.events.some(hasRead) || undefined, PATIENCE_MS);
  });

  it('shows what was delivered and what was read', async () => {
    await ann.say('Did you get this?');
    const { seq } = await bensEntry('Did you get this?');
    await ann.seesTick('Did you get this?', 'Sent');
    await ben.request('receipt:delivered', { conversationId, seq });
    await ann.seesTick('Did you get this?', 'Delivered');
    await ben.request('receipt:read', { conversationId, seq });
    await ann.seesTick('Did you get this?', 'Read');
  });

  it('does not send at an Enter that belongs to a composition', async () => {
    await ann.fill('.composer-field', 'still composing');
    for (const how of ['isComposing: true, keyCode: 13', 'isComposing: false, keyCode: 229']) {
      await ann.page.evaluate(`void document.querySelector('.composer-field').dispatchEvent(
        new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ${how} }))`);
      assert.equal(await ann.written(), 'still composing');
    }
    await ann.page.keyboard.press('Enter');
    await bensEntry('still composing');
    assert.equal(ben.got.filter(({ text }) => text === 'still composing').length, 1);
    assert.equal(await ann.written(), '');
  });

  it('copies the text of a message', async () => {
    await ann.page.locator(messageWith('Hello Ann')).click({ button: 'right' });
    await ann.press('Copy text');
    await ann.sees('::-p-text(Copied)');
    await ann.page.locator('.composer-field').click();
    await ann.page.keyboard.down('Control');
    await ann.page.keyboard.press('v');
    await ann.page.keyboard.up('Control');
    await poll(async () => (await ann.written()) === 'Hello Ann' || undefined, PATIENCE_MS);
    await ann.fill('.composer-field', '');
  });

  it('sends a file and downloads it, and its WebSocket stays open', async () => {
    const bytes = Buffer.alloc(2 * MB, 'a line of the file\n');
    const path = join(folder, 'notes.bin');
    await writeFile(path, bytes);
    await ann.sendFile(path, 'my notes');
    await bensEntry('my notes');
    const before = await ann.sockets();
    assert.equal(before.at(-1), true);
    await ann.press('Download notes.bin');
    const arrived = join(firefox.downloads, 'notes.bin');
    await poll(async () => {
      const saved = await readFile(arrived).catch(() => undefined);
      return saved?.equals(bytes) === true || undefined;
    }, PATIENCE_MS);
    await benSays('after the download');
    await ann.seesMessage('after the download');
    assert.deepEqual(await ann.sockets(), before);
  });

  it('brings what was missed after the node of the server was killed', async () => {
    await ann.closeRoad();
    const { stack } = parley;
    const node = stack.parts().find(({ kind }) => kind === 'messaging')!;
    const restarted = stack.restarted(node.name);
    const cut = new Promise((resolve) => ben.socket.once('disconnect', resolve));
    process.kill(node.pid, 'SIGKILL');
    await Promise.all([restarted, cut]);
    await poll(() => ben.socket.connected || undefined, PATIENCE_MS);
    const missed = ['missed one', 'missed two', 'missed three'];
    for (const text of missed) await benSays(text);
    await ann.say('from the tunnel');
    assert.equal((await ann.sockets()).includes(true), false);
    assert.equal(await ann.count('missed'), 0);
    await ann.openRoad();
    await bensEntry('from the tunnel');
    for (const text of missed) {
      await ann.seesMessage(text);
      assert.equal(await ann.count(text), 1);
    }
  });

  it('signs the same user in on another device, which has the conversation', async () => {
    const other = await FirefoxPage.open(firefox, parley.origin);
    await other.signIn(annsUsername);
    await other.page.locator('nav a ::-p-text(Ben)').click();
    await other.seesMessage('Hello Ann');
    other.assertNoComplaints();
  });
});
