import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';

import { useApp } from '../support/app.ts';
import {
  composer,
  messages,
  openChat,
  openFromList,
  say,
  sees,
  type Someone,
} from '../support/browser.ts';

/** More than the screen shows. */
const MESSAGES = 30;

describe('the newest message', () => {
  const app = useApp({ env: { PARLEY_RATE_LIMITS: 'off' } });
  let ann: Someone;
  let ben: Someone;
  let page: Page;
  let count = 0;

  before(async () => {
    [ann, ben] = await Promise.all([app.enter('Ann'), app.enter('Ben')]);
    ({ page } = ann);
    await openChat(ann, ben);
    for (let number = 1; number <= MESSAGES; number += 1) await say(ann, `${number}. of many`);
    await openFromList(ben, 'Ann');
    await fromBen();
  });

  /** Ben writes, and Ann sees it without scrolling. */
  async function fromBen(): Promise<string> {
    count += 1;
    const text = `From Ben, number ${count}.`;
    await say(ben, text);
    await sees(ann, text);
    await isWhole(text);
    return text;
  }

  /** Waits until a message is whole on the screen, above the composer. */
  async function isWhole(text: string): Promise<void> {
    const bubble = await messages(ann, text).locator('.bubble').elementHandle();
    await page.waitForFunction((element) => {
      const log = element.closest('[role=log]')?.getBoundingClientRect();
      const at = element.getBoundingClientRect();
      return log !== undefined && at.top >= log.top && at.bottom <= log.bottom;
    }, bubble);
  }

  const paste = async (text: string) => {
    await composer(ann).focus();
    await page.keyboard.insertText(text);
  };
  const height = () => composer(ann).evaluate((field) => field.getBoundingClientRect().height);

  it('stays on the screen while somebody replies to it, and while the reply is given up', async () => {
    const text = await fromBen();
    await messages(ann, text).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Reply' }).click();
    await page.getByText('Reply to Ben').waitFor();
    await isWhole(text);
    await isWhole(await fromBen());
    await page.keyboard.press('Escape');
    await page.getByText('Reply to Ben').waitFor({ state: 'detached' });
    await fromBen();
  });

  for (const [what, text] of [
    ['five lines are pasted', 'one\ntwo\nthree\nfour\nfive'],
    ['a text of more lines than the field shows is pasted', 'line\n'.repeat(40)],
    ['one word after the other fills line after line', 'words and '.repeat(60)],
    ['a text that is too long is pasted, with a note', 'x'.repeat(9_000)],
  ] as const) {
    it(`stays on the screen when ${what}`, async () => {
      const before = await fromBen();
      const low = await height();
      await paste(text);
      assert.ok((await height()) > low);
      await isWhole(before);
      await fromBen();
      await composer(ann).fill('');
      await fromBen();
    });
  }

  it('stays on the screen when the window gets lower or narrower', async () => {
    const text = await fromBen();
    await page.setViewportSize({ width: 1280, height: 420 });
    await isWhole(text);
    await page.setViewportSize({ width: 700, height: 420 });
    await isWhole(text);
    await fromBen();
    await page.setViewportSize({ width: 1280, height: 720 });
    await isWhole(await fromBen());
  });

  it('does not move somebody who reads further up and pastes five lines', async () => {
    const log = page.getByRole('log');
    await log.hover();
    await page.mouse.wheel(0, -600);
    await page.getByRole('button', { name: 'Jump to newest' }).waitFor();
    const top = () => log.evaluate(({ scrollTop }) => scrollTop);
    const before = await top();
    await paste('one\ntwo\nthree\nfour\nfive');
    await say(ben, 'Not yet read');
    await page.getByRole('button', { name: '1 new' }).waitFor();
    assert.equal(await top(), before);
  });

  it('is told its day only while the log is scrolled', async () => {
    const pill = page.locator('.sticky-day .day-label');
    await messages(ann, /./).last().waitFor();
    await pill.waitFor({ state: 'detached' });
    await page.getByRole('log').hover();
    await page.mouse.wheel(0, -400);
    await pill.filter({ hasText: 'Today' }).waitFor();
    await pill.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: /Jump to newest$/ }).click();
  });

  it('and all others stay uncovered when the app says something', async () => {
    await ann.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    for (const viewport of [
      { width: 360, height: 740 },
      { width: 1280, height: 720 },
    ]) {
      await page.setViewportSize(viewport);
      const text = await fromBen();
      await messages(ann, text).click({ button: 'right' });
      await page.getByRole('menuitem', { name: 'Copy text' }).click();
      const notice = page.locator('.notice');
      await notice.waitFor();
      const [said, log] = await Promise.all([
        notice.boundingBox(),
        page.getByRole('log').boundingBox(),
      ]);
      assert.ok(said!.y >= 0 && said!.y + said!.height <= log!.y);
      // What it covers can be pressed all the same.
      await page.getByRole('button', { name: 'Details', exact: true }).click();
      await page.getByRole('button', { name: 'Close details' }).click();
    }
  });
});
