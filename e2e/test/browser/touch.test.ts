import assert from 'node:assert/strict';
import type { CDPSession, Locator } from 'playwright-core';

import { useApp } from '../support/app.ts';
import {
  composer,
  createGroup,
  messages,
  openChat,
  openFromList,
  rowOf,
  say,
  sees,
  type Someone,
} from '../support/browser.ts';
import { pick, picture, pictures, send } from '../support/files.ts';

const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

describe('somebody with a touch screen', () => {
  const app = useApp();
  let ann: Someone;
  let ben: Someone;
  let touch: CDPSession;

  before(async () => {
    [ann, ben] = await Promise.all([app.enter('Ann', PHONE), app.enter('Ben')]);
    touch = await ann.context.newCDPSession(ann.page);
    await openChat(ann, ben);
    await composer(ann).fill('Hello Ben');
    await ann.page.getByRole('button', { name: 'Send' }).click();
    await sees(ann, 'Hello Ben');
  });

  const menu = () => ann.page.getByRole('menu');
  async function middleOf(target: Locator) {
    const { x, y, width, height } = (await target.boundingBox())!;
    return { x: x + width / 2, y: y + height / 2 };
  }
  async function put(target: Locator): Promise<void> {
    const point = await middleOf(target);
    await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [point] });
  }
  const lift = () => touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  const selected = () => ann.page.evaluate(() => getSelection()?.toString() ?? '');

  /** Holds a finger on something until its menu is there, and lifts it: the menu stays. */
  async function hold(target: Locator): Promise<void> {
    await put(target);
    await menu().waitFor();
    await lift();
    await menu().waitFor();
    assert.equal(await selected(), '');
  }

  it('opens the menu of a message by a long press, which selects nothing', async () => {
    await hold(messages(ann, 'Hello Ben').locator('.bubble'));
    await menu().getByRole('menuitem', { name: 'Reply' }).click();
    await ann.page.getByText('Reply to yourself').waitFor();
    await ann.page.getByRole('button', { name: 'Cancel reply' }).click();
  });

  it('closes the menu with Escape or Tab on a keyboard, and walks through it, wherever the focus is', async () => {
    const { page } = ann;
    const bubble = messages(ann, 'Hello Ben').locator('.bubble');
    for (const key of ['Escape', 'Tab']) {
      for (const loses of [false, true]) {
        await hold(bubble);
        if (loses) await page.evaluate(() => (document.activeElement as HTMLElement).blur());
        await page.keyboard.press(key);
        await menu().waitFor({ state: 'detached' });
      }
    }
    await hold(bubble);
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await page.keyboard.press('ArrowDown');
    await menu().getByRole('menuitem').first().and(page.locator(':focus')).waitFor();
    await page.keyboard.press('Escape');
    await menu().waitFor({ state: 'detached' });
    // The list has the same menu.
    await page.getByRole('button', { name: 'Back' }).click();
    await hold(rowOf(ann, 'Ben'));
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await page.keyboard.press('Escape');
    await menu().waitFor({ state: 'detached' });
    await rowOf(ann, 'Ben').tap();
    await composer(ann).waitFor();
  });

  it('closes the menu by a tap elsewhere, which does nothing else', async () => {
    const bubble = messages(ann, 'Hello Ben').locator('.bubble');
    const sendButton = ann.page.getByRole('button', { name: 'Send' });
    await composer(ann).fill('not yet');
    // An empty place, the head, which opens the details, and buttons.
    const [head, back] = ['Details', 'Back'].map((name) => ann.page.getByRole('button', { name }));
    for (const target of [ann.page.getByRole('log'), head!, back!, sendButton]) {
      await hold(bubble);
      const { x, y } = await middleOf(target);
      await ann.page.touchscreen.tap(x, y);
      await menu().waitFor({ state: 'detached' });
      assert.equal(await composer(ann).inputValue(), 'not yet');
      assert.equal(await ann.page.getByRole('region', { name: 'Details' }).count(), 0);
    }
    assert.equal(await messages(ann, 'not yet').count(), 0);
    await head!.tap();
    await ann.page.getByRole('region', { name: 'Details' }).waitFor();
    await ann.page.goBack();
    await composer(ann).fill('');
  });

  it('opens no menu while it scrolls or taps', async () => {
    const bubble = messages(ann, 'Hello Ben').locator('.bubble');
    const { x, y } = await middleOf(bubble);
    await put(bubble);
    for (const type of ['touchMove', 'touchMove'] as const) {
      await touch.send('Input.dispatchTouchEvent', { type, touchPoints: [{ x, y: y - 40 }] });
    }
    await lift();
    await bubble.tap();
    assert.equal(await menu().count(), 0);
  });

  it('opens the menu of a conversation in the list, and does not open the conversation', async () => {
    await ann.page.getByRole('button', { name: 'Back' }).click();
    await hold(rowOf(ann, 'Ben'));
    await menu().getByRole('menuitem', { name: 'Pin' }).click();
    await rowOf(ann, 'Ben').getByRole('img', { name: 'Pinned' }).waitFor();
    assert.equal(new URL(ann.page.url()).pathname, '/');
    await rowOf(ann, 'Ben').tap();
    await composer(ann).waitFor();
  });

  it('opens the menu of a member of a group', async () => {
    const { page } = ann;
    await page.getByRole('button', { name: 'Back' }).click();
    await createGroup(ann, 'Held', ben);
    await page.getByRole('button', { name: 'Details', exact: true }).click();
    const row = page.getByRole('listitem').filter({ hasText: `@${ben.username}` });
    await hold(row);
    await menu().getByRole('menuitem', { name: 'Remove from group' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await row.click({ button: 'right' });
    await menu().getByRole('menuitem', { name: 'Message' }).waitFor();
    await page.keyboard.press('Escape');
    await row.getByRole('button').focus();
    await page.keyboard.press('Shift+F10');
    await menu().getByRole('menuitem', { name: 'Message' }).waitFor();
    await page.keyboard.press('Escape');
  });

  it('opens the menu of a message by a long press on whatever it holds, which does nothing else', async () => {
    const { page } = ann;
    await page.goto(app.origin);
    await openFromList(ann, 'Ben');
    await pick(ann, picture('held.png', 300, 200));
    await send(ann, 'the picture');
    await pick(ann, {
      name: 'held.pdf',
      mimeType: 'application/pdf',
      buffer: Buffer.from('%PDF-1.7'),
    });
    await send(ann, 'the file');
    await pictures(ann).first().waitFor();
    await hold(messages(ann, 'the picture').locator('.bubble'));
    await menu().getByRole('menuitem', { name: 'Reply' }).click();
    await composer(ann).fill('the answer');
    await page.getByRole('button', { name: 'Send' }).click();
    await sees(ann, 'the answer');
    for (const [text, place] of [
      ['the picture', '.media-open'],
      ['the answer', '.quote'],
      ['the file', '.file-card'],
      ['the file', '.file-save'],
      ['the answer', '.message-words'],
      ['the picture', '.bubble-meta'],
    ] as const) {
      await hold(messages(ann, text).first().locator(place));
      assert.equal(await page.getByRole('dialog').count(), 0, place);
      await page.keyboard.press('Escape');
      await menu().waitFor({ state: 'detached' });
    }
    await hold(messages(ann, 'the answer').locator('.bubble'));
    const { x, y } = await middleOf(pictures(ann).first());
    await page.touchscreen.tap(x, y);
    await menu().waitFor({ state: 'detached' });
    assert.deepEqual(await page.getByRole('dialog').allInnerTexts(), []);
    // The finger that was held has meant nothing else, and the next tap means what it did before.
    await pictures(ann).first().tap();
    await page.getByRole('dialog', { name: 'Image viewer' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('and with a keyboard, the menu key and Shift+F10 open both menus', async () => {
    await openChat(ben, ann);
    await say(ben, 'Hello Ann');
    const { page } = ben;
    for (const key of ['ContextMenu', 'Shift+F10']) {
      await rowOf(ben, 'Ann').focus();
      await page.keyboard.press(key);
      await page.getByRole('menuitem', { name: 'Archive' }).waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('menu').waitFor({ state: 'detached' });
      await page.getByRole('log').focus();
      await page.keyboard.press('ArrowUp');
      await messages(ben, 'Hello Ann').and(page.locator(':focus')).waitFor();
      await page.keyboard.press(key);
      await page.getByRole('menuitem', { name: 'Reply' }).waitFor();
      await page.keyboard.press('Escape');
    }
    await rowOf(ben, 'Ann').click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Archive' }).waitFor();
  });
});
