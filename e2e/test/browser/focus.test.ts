import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';

import { useApp } from '../support/app.ts';
import { composer, messages, say, sees, startChat, type Someone } from '../support/browser.ts';
import { pick, picture, pictures, send } from '../support/files.ts';

describe('keys go to the message field', () => {
  const app = useApp({ env: { PARLEY_RATE_LIMITS: 'off' } });
  let ann: Someone;
  let ben: Someone;
  let page: Page;
  let count = 0;

  before(async () => {
    [ann, ben] = await Promise.all([app.enter('Ann'), app.enter('Ben')]);
    ({ page } = ann);
    await startChat(ann, ben);
    await say(ben, 'Hello Ann');
    await sees(ann, 'Hello Ann');
  });

  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const isFocused = (target: Locator) => target.and(page.locator(':focus')).waitFor();

  /** Types and sends without touching the field: what is typed goes out whole. */
  async function typesOn(): Promise<void> {
    count += 1;
    const text = `typed on ${count}`;
    await page.keyboard.type(text);
    assert.equal(await composer(ann).inputValue(), text);
    await page.keyboard.press('Enter');
    await sees(ann, text);
  }

  async function openMenu(text: string): Promise<void> {
    await messages(ann, text).hover();
    await messages(ann, text).getByRole('button', { name: 'Message actions' }).click();
    await page.getByRole('menu').waitFor();
  }

  const chooser = async () => {
    const choosing = page.waitForEvent('filechooser');
    await button('Attach files').click();
    return choosing;
  };

  it('after a file was sent', async () => {
    await pick(ann, picture('sent.png', 60, 60));
    await send(ann, 'a picture');
    await isFocused(composer(ann));
    await typesOn();
  });

  it('after a file was sent with Enter, and after a dialog of files was closed', async () => {
    await pick(ann, picture('entered.png', 60, 60));
    await page.keyboard.press('Enter');
    await isFocused(composer(ann));
    await typesOn();
    for (const close of [
      () => page.keyboard.press('Escape'),
      () => button('Close').click(),
      () => button('Remove closed.png').click(),
    ]) {
      await pick(ann, picture('closed.png', 60, 60));
      await close();
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await isFocused(composer(ann));
    }
    await typesOn();
  });

  for (const keys of [
    ['End', 'End'],
    ['ArrowUp', 'ArrowUp', 'ArrowDown', 'End'],
    ['Home', 'Home'],
  ]) {
    it(`stays in the message field after ${keys.join(', ')} among the messages`, async () => {
      await page.getByRole('log').focus();
      for (const key of keys) await page.keyboard.press(key);
      await page.keyboard.press('Escape');
      await isFocused(composer(ann));
      // A new message renders the list again.
      await say(ben, `after ${keys.join(' ')}`);
      await sees(ann, `after ${keys.join(' ')}`);
      await typesOn();
    });
  }

  it('after no file was chosen, which closes no dialog either', async () => {
    const cancel = (input: Locator) =>
      input.evaluate((element) => element.dispatchEvent(new Event('cancel', { bubbles: true })));
    await chooser();
    await cancel(page.locator('.composer input[type=file]'));
    await isFocused(composer(ann));
    await pick(ann, picture('kept.png', 60, 60));
    await cancel(page.locator('dialog input[type=file]'));
    await page.getByRole('textbox', { name: 'Caption' }).fill('still here');
    await page.keyboard.press('Enter');
    await sees(ann, 'still here');
    await typesOn();
  });

  it('after a menu was closed, or one of its actions done', async () => {
    await ann.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await composer(ann).focus();
    for (const close of [
      () => page.keyboard.press('Escape'),
      () => page.keyboard.press('Tab'),
      () => page.getByRole('menuitem', { name: 'Copy text' }).click(),
      () => page.mouse.click(700, 100),
    ]) {
      await openMenu('Hello Ben');
      await close();
      await page.getByRole('menu').waitFor({ state: 'detached' });
      await typesOn();
    }
  });

  it('after a reply was given up, and after a dialog of a message', async () => {
    await openMenu('Hello Ann');
    await page.getByRole('menuitem', { name: 'Reply' }).click();
    await button('Cancel reply').click();
    await isFocused(composer(ann));
    await openMenu('Hello Ben');
    await page.getByRole('menuitem', { name: 'Message info' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await typesOn();
    await openMenu('Hello Ben');
    await page.getByRole('menuitem', { name: 'Delete for everyone' }).click();
    await button('Delete').click();
    await page.getByText('You deleted this message').waitFor();
    await typesOn();
  });

  it('after the viewer, after a jump, and from wherever one has clicked', async () => {
    await pictures(ann).first().click();
    await page.getByRole('dialog', { name: 'Image viewer' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await typesOn();
    for (let number = 1; number < 25; number += 1) await say(ann, `filling ${number}`);
    await page.getByRole('log').hover();
    await page.mouse.wheel(0, -900);
    await page.getByRole('button', { name: 'Jump to newest' }).click();
    await isFocused(composer(ann));
    await messages(ann, 'filling 24').locator('.bubble').click();
    await typesOn();
    await button('Details').click();
    await isFocused(button('Close details'));
    await typesOn();
  });

  it('or somewhere on the screen after the window has hidden what had the focus', async () => {
    const wide = page.viewportSize()!;
    const isOnScreen = () => page.locator('.shell :focus').waitFor();
    for (const name of ['Settings', 'New conversation']) {
      await button(name).focus();
      await page.setViewportSize({ width: 360, height: 740 });
      await button(name).waitFor({ state: 'hidden' });
      await isOnScreen();
      await page.setViewportSize(wide);
      await button(name).waitFor();
      await isOnScreen();
    }
  });

  it('but not while somebody writes elsewhere, and no space is lost to it', async () => {
    await page.keyboard.press('Control+k');
    await page.keyboard.type('be');
    assert.equal(
      await page.getByRole('searchbox', { name: 'Search conversations' }).inputValue(),
      'be',
    );
    await button('Clear search').click();
    await isFocused(page.getByRole('searchbox', { name: 'Search conversations' }));
    await button('New conversation').focus();
    await page.keyboard.press('Space');
    await page.getByRole('searchbox', { name: 'Search people' }).waitFor();
    assert.equal(await composer(ann).inputValue(), '');
  });
});
