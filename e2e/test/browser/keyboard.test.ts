import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';

import { useApp } from '../support/app.ts';
import {
  composer,
  messages,
  openFromList,
  PASSWORD,
  rowOf,
  say,
  sees,
  tick,
  type OpenedPage,
  type Someone,
} from '../support/browser.ts';
import { pick, picture } from '../support/files.ts';

/** Most stops that any way may have. */
const FAR = 40;

describe('somebody with a keyboard alone', () => {
  const app = useApp();
  let ann: OpenedPage;
  let ben: Someone;
  let page: Page;

  before(async () => {
    [ann, ben] = await Promise.all([app.open(), app.enter('Ben')]);
    ({ page } = ann);
  });

  const press = async (...keys: readonly string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const write = (text: string) => page.keyboard.type(text);
  const isFocused = (target: Locator) => target.and(page.locator(':focus')).waitFor();
  /** Presses a key, Tab if not said, until the target has the focus. */
  const goTo = async (target: Locator, key = 'Tab') => {
    await target.first().waitFor();
    for (let presses = 0; presses < FAR; presses += 1) {
      if ((await target.and(page.locator(':focus')).count()) > 0) return;
      await press(key);
    }
    throw new Error(`No way by ${key} leads to ${String(target)}`);
  };
  const button = (name: string | RegExp) =>
    page.getByRole('button', { name, exact: typeof name === 'string' });
  const item = (name: string) => page.getByRole('menuitem', { name });

  it('makes an account', async () => {
    await isFocused(page.getByRole('textbox', { name: 'Username' }));
    await goTo(button('Create an account'));
    await press('Enter');
    await isFocused(page.getByRole('textbox', { name: 'Username' }));
    await write(`ann-${process.pid}-keys`);
    await press('Tab');
    await write('Ann');
    await press('Tab');
    await write(PASSWORD);
    await press('Enter');
    await page.getByRole('heading', { name: 'Chats' }).waitFor();
  });

  it('finds somebody and writes', async () => {
    await goTo(button('Start a conversation'));
    await press('Enter');
    await isFocused(page.getByRole('searchbox', { name: 'Search people' }));
    await write(`@${ben.username}`);
    await goTo(button(new RegExp(`@${ben.username}`)));
    await press('Enter');
    await isFocused(composer(ann));
    await write('Hello Ben');
    await press('Shift+Enter');
    await write('on two lines');
    await press('Enter');
    await openFromList(ben, 'Ann');
    await sees(ben, 'on two lines');
    await isFocused(composer(ann));
  });

  it('reads an answer, replies to it and deletes a message', async () => {
    await say(ben, 'Hello Ann');
    await sees(ann, 'Hello Ann');
    await goTo(page.getByRole('log'), 'Shift+Tab');
    await press('ArrowUp');
    await isFocused(messages(ann, 'Hello Ann'));
    await press('Enter');
    await isFocused(item('Reply'));
    await press('Enter');
    await isFocused(composer(ann));
    await write('I reply');
    await press('Enter');
    await messages(ben, 'I reply').getByText('Hello Ann').waitFor();

    await tick(ann, 'I reply', 'Read').waitFor();
    await goTo(page.getByRole('log'), 'Shift+Tab');
    await goTo(messages(ann, 'Hello Ben'), 'ArrowUp');
    await press('Enter');
    await goTo(item('Delete for everyone'), 'ArrowDown');
    await press('Enter');
    await isFocused(button('Cancel'));
    await press('Tab');
    await isFocused(button('Delete'));
    await press('Enter');
    await page.getByText('You deleted this message').waitFor();
    await ben.page.getByText('This message was deleted').waitFor();
    // Nobody is thrown back to the top of the page.
    assert.notEqual(await page.evaluate(() => document.activeElement?.tagName), 'BODY');
  });

  it('finds people with Enter and the arrow keys', async () => {
    const people = page.getByRole('searchbox', { name: 'Search people' });
    const ofBen = page.getByRole('button', { name: `@${ben.username}` });
    await goTo(button('New conversation'), 'Shift+Tab');
    await press('Enter');
    await isFocused(people);
    await press('Enter');
    await isFocused(people);
    await write(`@${ben.username}`);
    // Before anybody is found: the answer picks.
    await press('Enter');
    await page.getByRole('log', { name: 'Messages with Ben' }).waitFor();
    await isFocused(composer(ann));
    assert.equal(await composer(ann).inputValue(), '');

    await goTo(button('New conversation'), 'Shift+Tab');
    await press('Enter');
    await write(`@${ben.username}`);
    await ofBen.waitFor();
    await press('ArrowDown');
    await isFocused(ofBen);
    await press('ArrowUp');
    await isFocused(people);
    await press('Escape');
    assert.equal(await people.inputValue(), '');
    await press('ArrowDown');
    await isFocused(button('New group'));
    await press('End');
    await isFocused(ofBen);
    await press('Home');
    await isFocused(button('New group'));
    await press('End', 'Enter');
    await page.getByRole('log', { name: 'Messages with Ben' }).waitFor();
    await isFocused(composer(ann));
    assert.equal(await composer(ann).inputValue(), '');
  });

  it('chooses people for a group with Enter, which makes no group', async () => {
    const people = page.getByRole('searchbox', { name: 'Search people' });
    const title = page.getByRole('textbox', { name: 'Group name' });
    await goTo(button('New conversation'), 'Shift+Tab');
    await press('Enter', 'ArrowDown');
    await isFocused(button('New group'));
    await press('Enter');
    await isFocused(title);
    await write('Not yet');
    await press('Enter');
    await isFocused(people);
    await write(`@${ben.username}`);
    await press('Enter');
    await page.getByText('1 chosen').waitFor();
    await isFocused(people);
    assert.equal(await people.inputValue(), '');
    await press('Enter');
    await press('Backspace');
    await page.getByText('Choose people', { exact: true }).waitFor();
    assert.equal(await title.inputValue(), 'Not yet');
    await button('Back').click();
    await button('Discard').click();
    await button('Back').click();
    assert.equal(await page.getByRole('link', { name: /^Not yet/ }).count(), 0);
  });

  it('opens a conversation with Enter in the search, and nothing else gets the key', async () => {
    const search = page.getByRole('searchbox', { name: 'Search conversations' });
    await press('Control+k');
    await isFocused(search);
    await write('ben');
    await press('Enter');
    await isFocused(composer(ann));
    assert.equal(await composer(ann).inputValue(), '');
    await press('Control+k');
    await isFocused(search);
    await press('ArrowDown');
    await isFocused(rowOf(ann, 'Ben'));
    await press('ArrowUp');
    await isFocused(search);
    await press('ArrowDown', 'Enter');
    await isFocused(composer(ann));
    assert.equal(await composer(ann).inputValue(), '');
  });

  it('sends nothing with the Enter that ends a composition, as Safari reports it', async () => {
    const safari = (target: Locator) =>
      target.evaluate((field) => {
        const init = { key: 'Enter', keyCode: 229, isComposing: false };
        field.dispatchEvent(
          new KeyboardEvent('keydown', { ...init, bubbles: true, cancelable: true }),
        );
      });
    await composer(ann).fill('にほ');
    await safari(composer(ann));
    assert.equal(await composer(ann).inputValue(), 'にほ');
    await composer(ann).fill('');

    await press('Control+k');
    await write('ben');
    const search = page.getByRole('searchbox', { name: 'Search conversations' });
    await safari(search);
    await isFocused(search);
    await press('Escape');

    await goTo(button('New conversation'), 'Shift+Tab');
    await press('Enter');
    const people = page.getByRole('searchbox', { name: 'Search people' });
    await write('be');
    await safari(people);
    await isFocused(people);
    await press('Escape', 'Escape');

    await pick(ann, picture('composed.png', 40, 40));
    const caption = page.getByRole('textbox', { name: 'Caption' });
    await safari(caption);
    await isFocused(caption);
    await page.getByRole('button', { name: 'Close' }).click();
    await composer(ann).focus();
  });

  it('makes a group and goes between conversations', async () => {
    await goTo(button('New conversation'), 'Shift+Tab');
    await press('Enter');
    await goTo(button('New group'));
    await press('Enter');
    await isFocused(page.getByRole('textbox', { name: 'Group name' }));
    await write('Keys');
    await press('Tab');
    await isFocused(page.getByRole('searchbox', { name: 'Search people' }));
    await write(`@${ben.username}`);
    await goTo(page.getByRole('checkbox', { name: `@${ben.username}` }));
    await press('Space');
    await goTo(button('Create group'));
    await press('Enter');
    await page.getByRole('log', { name: 'Messages with Keys' }).waitFor();
    await isFocused(composer(ann));
    await write('Hello all');
    await press('Enter');
    await sees(ann, 'Hello all');

    await press('Alt+ArrowDown');
    await page.getByRole('log', { name: 'Messages with Ben' }).waitFor();
    await press('Alt+ArrowUp');
    await page.getByRole('log', { name: 'Messages with Keys' }).waitFor();
    await press('Control+k');
    await isFocused(page.getByRole('searchbox', { name: 'Search conversations' }));
    await write('be');
    await goTo(rowOf(ann, 'Ben'));
    await press('Enter');
    await isFocused(composer(ann));
    await press('Control+k');
    await isFocused(page.getByRole('searchbox', { name: 'Search conversations' }));
    await goTo(rowOf(ann, /Ben|Keys/));
    await press('ArrowDown');
    await isFocused(rowOf(ann, 'Ben'));
    await press('Home');
    await isFocused(rowOf(ann, 'Keys'));
    await goTo(button('Conversation options').first());
    await press('Enter');
    await goTo(item('Pin'), 'ArrowDown');
    await press('Enter');
    await rowOf(ann, 'Keys').getByRole('img', { name: 'Pinned' }).waitFor();
  });

  it('changes a setting and comes back', async () => {
    await goTo(button('Settings'), 'Shift+Tab');
    await press('Enter');
    await goTo(button(/^Appearance/));
    await press('Enter');
    await goTo(page.getByRole('radio', { name: 'Same as device' }));
    await press('ArrowDown', 'ArrowDown');
    await page.locator('html[data-theme=dark]').waitFor();
    await press('ArrowUp', 'ArrowUp');
    await page.locator('html:not([data-theme])').waitFor();
    await goTo(button('Back'), 'Shift+Tab');
    await press('Enter');
    await isFocused(button(/^Appearance/));
    await press('Escape');
    await isFocused(button('Settings'));
    await press('Escape');
    await isFocused(composer(ann));
  });

  it('links with a partner, says how it is, and ends it', async () => {
    await goTo(button('New conversation'), 'Shift+Tab');
    await press('Enter');
    await goTo(button('Link with your partner'));
    await press('Enter');
    await goTo(button('Show my code'));
    await press('Enter');
    const code = await page.locator('.code [aria-hidden]').innerText();
    await ben.page.getByRole('button', { name: 'Settings' }).click();
    await ben.page.getByRole('button', { name: 'Partner Link with one person' }).click();
    await ben.page.getByRole('textbox', { name: 'Your partner’s code' }).fill(code);
    await ben.page.getByRole('textbox', { name: 'Your partner’s code' }).press('Enter');
    await page.getByText('You and Ben are linked').waitFor();

    await goTo(page.getByRole('radio', { name: 'Available' }));
    await press('ArrowDown');
    await goTo(button('1 hour'));
    await press('Enter');
    const seen = ben.page.locator('.partner-top .partner-line');
    await seen.filter({ hasText: 'Busy until' }).waitFor();
    await goTo(button('Unlink'));
    await press('Enter');
    await isFocused(button('Cancel'));
    await press('Tab', 'Enter');
    await button('Show my code').waitFor();
    await ben.page.getByText('You and Ann are no longer linked').waitFor();
    assert.notEqual(await page.evaluate(() => document.activeElement?.tagName), 'BODY');
    await press('Escape', 'Escape');
    await isFocused(composer(ann));
    await ben.page.getByRole('button', { name: 'Back' }).click();
  });

  it('opens and closes the details', async () => {
    await goTo(button('Details'), 'Shift+Tab');
    await press('Enter');
    await isFocused(button('Close details'));
    await press('Escape');
    await page.getByRole('region', { name: 'Details' }).waitFor({ state: 'detached' });
    await isFocused(button('Details'));
  });

  it('sees where the focus is at every stop, and every stop has a name', async () => {
    await press('Escape');
    await isFocused(composer(ann));
    const stops = new Map<string, boolean>();
    for (let presses = 0; presses < FAR; presses += 1) {
      await press('Tab');
      const stop = await page.evaluate(() => {
        const element = document.activeElement as HTMLElement;
        const isOutlined = [undefined, '::after'].some((part) => {
          const { outlineStyle, outlineWidth } = getComputedStyle(element, part);
          return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1;
        });
        const name = element.ariaLabel ?? element.textContent;
        return {
          key: `${element.tagName} ${name}`.trim(),
          // The field shows it by its border.
          seen: isOutlined || element.matches('textarea, body'),
          named: name !== '',
        };
      });
      assert.ok(stop.named, `${stop.key} has no name`);
      if (stops.has(stop.key)) break;
      stops.set(stop.key, stop.seen);
    }
    assert.ok(stops.size >= 8, [...stops.keys()].join(', '));
    const unseen = [...stops].filter(([, seen]) => !seen).map(([key]) => key);
    assert.deepEqual(unseen, []);
  });

  it('signs out', async () => {
    await goTo(button('Settings'), 'Shift+Tab');
    await press('Enter');
    await goTo(button('Sign out'));
    await press('Enter');
    await isFocused(button('Cancel'));
    await press('Tab', 'Enter');
    await page.getByRole('heading', { name: 'Sign in to Parley' }).waitFor();
    await isFocused(page.getByRole('textbox', { name: 'Username' }));
  });
});
