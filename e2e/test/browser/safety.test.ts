import assert from 'node:assert/strict';

import { useApp } from '../support/app.ts';
import {
  composer,
  messages,
  openChat,
  openFromList,
  rowOf,
  say,
  tick,
  type Looking,
  type Someone,
} from '../support/browser.ts';
import { CORPUS, GOOD_ADDRESSES, ODD_ADDRESSES } from '../support/corpus.ts';

const HOSTILE_NAME = '<img src=x onerror=globalThis.broken=1>';
const SMALL = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

/** What of a page is wider than it may be; nothing, when nothing is. */
function overflowOf({ page }: Looking): Promise<string[]> {
  return page.evaluate(() => {
    const root = document.documentElement;
    const found = root.scrollWidth > innerWidth ? [`the page: ${root.scrollWidth}`] : [];
    for (const box of document.querySelectorAll(
      '[role=log], [role=log] [role=article], nav, nav li',
    )) {
      const { left, right } = box.getBoundingClientRect();
      const out = box.scrollWidth > box.clientWidth || left < 0 || right > innerWidth;
      if (out) found.push(`${box.role ?? box.tagName}: ${box.textContent.slice(0, 40)}`);
    }
    return found;
  });
}

/** The newest message of the open conversation: its text without the time, and its links. */
function newest({ page }: Looking): Promise<{ text: string; links: Record<string, string>[] }> {
  return page
    .getByRole('article')
    .last()
    .locator('.bubble-text')
    .evaluate((bubble) => {
      const copy = bubble.cloneNode(true) as Element;
      for (const own of copy.querySelectorAll('.bubble-meta, .message-more')) own.remove();
      const links = [...copy.querySelectorAll('a')].map(({ textContent, href, rel, target }) => ({
        text: textContent,
        href,
        rel,
        target,
      }));
      return { text: copy.textContent, links };
    });
}

describe('text that breaks chat apps', () => {
  const app = useApp({ env: { PARLEY_RATE_LIMITS: 'off' } });
  let ann: Someone;
  let ben: Someone;

  before(async () => {
    [ann, ben] = await Promise.all([app.enter('Ann'), app.enter('Ben', SMALL)]);
    for (const { page, complaints } of [ann, ben]) {
      page.on('dialog', (dialog) => complaints.push(`A dialog: ${dialog.message()}`));
      page.on('popup', (popup) => complaints.push(`A window: ${popup.url()}`));
    }
    await openChat(ann, ben);
    await say(ann, 'Hello Ben');
    await openFromList(ben, 'Ann');
    await tick(ann, 'Hello Ben', 'Read').waitFor();
  });

  afterEach(async () => {
    for (const { page } of [ann, ben]) {
      assert.equal(await page.evaluate(() => 'broken' in globalThis), false, 'something ran');
    }
  });

  /** Sends a message, waits until the other user has read it, and returns what that user sees. */
  const deliver = async (text: string) => {
    await say(ann, text);
    const last = ann.page.getByRole('article').last();
    await last.getByRole('img', { name: 'Read', exact: true }).waitFor();
    return newest(ben);
  };

  for (const [what, text] of Object.entries(CORPUS)) {
    it(`shows ${what} as it was written`, async () => {
      const seen = await deliver(text);
      assert.equal(seen.text, text.normalize('NFC'));
      assert.deepEqual(await overflowOf(ben), []);
      assert.deepEqual(await overflowOf(ann), []);
    });
  }

  it('makes no link of an address with an odd scheme', async () => {
    for (const address of ODD_ADDRESSES) {
      const { text, links } = await deliver(address);
      assert.equal(text, address);
      const odd = links.filter(({ href }) => !/^(https?|mailto):/.test(href!));
      assert.deepEqual(odd, [], address);
      assert.equal(
        links.some((link) => link['text'] === address),
        false,
        address,
      );
    }
  });

  it('makes safe links of addresses of the web and of mail', async () => {
    for (const [address, href] of Object.entries(GOOD_ADDRESSES)) {
      const { links } = await deliver(`see ${address}, please.`);
      const rel = 'noopener noreferrer nofollow';
      assert.deepEqual(links, [{ text: address, href, rel, target: '_blank' }]);
    }
  });

  it('opens a link in a window that does not know this one', async () => {
    await deliver(`${app.origin}/favicon.svg`);
    ann.page.removeAllListeners('popup');
    const opening = ann.page.waitForEvent('popup');
    await messages(ann, 'favicon.svg').getByRole('link').click();
    const opened = await opening;
    assert.equal(await opened.evaluate(() => opener === null), true);
    assert.equal(await opened.evaluate(() => document.referrer), '');
    await opened.close();
  });

  it('refuses control characters with a word to the person', async () => {
    await say(ann, 'bell \u0007 and null');
    await ann.page.getByText('Some of the input is invalid').waitFor();
    await composer(ann).fill('');
  });

  it('lists, quotes and searches it as text', async () => {
    const { page } = ben;
    for (const what of [
      'an image with a handler',
      'an override of direction',
      'a word of 200 letters',
    ]) {
      const text = CORPUS[what]!;
      await deliver(text);
      await page.getByRole('button', { name: 'Back' }).click();
      await rowOf(ben, 'Ann').getByText(text).waitFor();
      assert.deepEqual(await overflowOf(ben), []);
      await page.getByRole('searchbox', { name: 'Search conversations' }).fill(text.slice(0, 64));
      await page.getByText('Nothing found').waitFor();
      await page.getByRole('button', { name: 'Clear search' }).click();
      await rowOf(ben, 'Ann').click();
      await composer(ben).fill(text);
      assert.deepEqual(await overflowOf(ben), []);
      await composer(ben).fill('');
    }
    await messages(ann, CORPUS['an image with a handler']!).last().hover();
    const quoted = messages(ann, CORPUS['an image with a handler']!).last();
    await quoted.getByRole('button', { name: 'Message actions' }).click();
    await ann.page.getByRole('menuitem', { name: 'Reply' }).click();
    await deliver('a reply to that');
    await messages(ben, 'a reply to that').getByText(CORPUS['an image with a handler']!).waitFor();
    assert.deepEqual(await overflowOf(ben), []);
  });

  it('shows hostile names of people and groups as text', async () => {
    const { page } = ann;
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('button', { name: `@${ann.username}` }).click();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill(HOSTILE_NAME);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved').waitFor();
    await untilKnown(HOSTILE_NAME);
    await page.goto(`${app.origin}/?panel=group`);
    await page.getByRole('textbox', { name: 'Group name' }).fill('"><script>broken=1</script>');
    await page.getByRole('searchbox', { name: 'Search people' }).fill(`@${ben.username}`);
    await page.getByRole('checkbox', { name: `@${ben.username}` }).click();
    await page.getByRole('button', { name: 'Create group' }).click();
    await page.getByText('You created the group').waitFor();
    await say(ann, 'Hello group');

    await ben.page.goto(app.origin);
    await openFromList(ben, '"><script>broken=1</script>');
    await messages(ben, 'Hello group').getByText(HOSTILE_NAME).waitFor();
    await ben.page.getByRole('button', { name: 'Details', exact: true }).click();
    await ben.page.getByRole('listitem').filter({ hasText: HOSTILE_NAME }).waitFor();
    assert.deepEqual(await overflowOf(ben), []);
  });

  it('takes nothing from the address but what it knows', async () => {
    const { page } = ann;
    for (const path of [
      '/c/<script>broken=1</script>',
      '/c/%22onload=broken=1',
      '/?panel=<img src=x onerror=broken=1>',
      '/?panel=constructor',
      '/#javascript:broken=1',
      '/c/../../x?panel=__proto__',
    ]) {
      await page.goto(app.origin + path);
      await page.getByRole('heading', { name: 'Chats' }).waitFor();
    }
  });

  /** A new name is known to every service within some seconds. */
  async function untilKnown(name: string): Promise<void> {
    const inJson = JSON.stringify(name).slice(1, -1);
    for (let tries = 0; tries < 20; tries += 1) {
      const answer = await ben.page.request.get(`${app.origin}/bff/api/conversations`, {
        headers: { 'x-parley': '1' },
      });
      if ((await answer.text()).includes(inJson)) return;
      await ben.page.waitForTimeout(1_000);
    }
    throw new Error('The new name did not become known');
  }
});
