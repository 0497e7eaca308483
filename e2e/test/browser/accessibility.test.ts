import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';

import { useApp } from '../support/app.ts';
import { findingsInBothThemes } from '../support/axe.ts';
import {
  composer,
  messages,
  openChat,
  openFromList,
  rowOf,
  say,
  sees,
  tick,
  type Someone,
} from '../support/browser.ts';

/** Goes where a link or the back button would lead, without loading the page again. */
async function visit(page: Page, path: string): Promise<void> {
  await page.evaluate((to) => {
    history.pushState({}, '', to);
    dispatchEvent(new PopStateEvent('popstate'));
  }, path);
}

async function isFine(page: Page): Promise<void> {
  assert.deepEqual(await findingsInBothThemes(page), []);
}

describe('axe-core finds nothing', () => {
  const app = useApp();
  let ann: Someone;
  let ben: Someone;
  let page: Page;

  before(async () => {
    [ann, ben] = await Promise.all([app.enter('Ann'), app.enter('Ben')]);
    ({ page } = ann);
  });

  it('on the sign-in page, empty and with faults', async () => {
    const { page: stranger, context } = await app.open();
    await stranger.getByRole('heading', { name: 'Sign in to Parley' }).waitFor();
    await isFine(stranger);
    await stranger.getByRole('textbox', { name: 'Username' }).fill('nobody');
    await stranger.getByRole('textbox', { name: 'Password', exact: true }).fill('not a password');
    await stranger.getByRole('button', { name: 'Sign in', exact: true }).click();
    await stranger.getByRole('alert').waitFor();
    await isFine(stranger);
    await stranger.getByRole('button', { name: 'Create an account' }).click();
    // What was typed in the other form is kept.
    await stranger.getByRole('textbox', { name: 'Username' }).fill('');
    await stranger.getByRole('button', { name: 'Create account', exact: true }).click();
    await stranger.getByText('This field is required.').first().waitFor();
    await isFine(stranger);
    await context.close();
  });

  it('on an empty list and where conversations begin', async () => {
    await page.getByText('No conversations yet').waitFor();
    await isFine(page);
    await visit(page, '/?panel=new');
    await page.getByRole('searchbox', { name: 'Search people' }).fill('nobody at all');
    await page.getByText('No people found').waitFor();
    await isFine(page);
    await visit(page, '/?panel=group');
    await page.getByRole('searchbox', { name: 'Search people' }).fill(`@${ben.username}`);
    await page.getByRole('checkbox', { name: `@${ben.username}` }).click();
    await page.getByRole('searchbox', { name: 'Search people' }).fill(`@${ben.username}`);
    await page.getByRole('checkbox', { name: `@${ben.username}`, checked: true }).waitFor();
    await isFine(page);
    await page.getByRole('textbox', { name: 'Group name' }).fill('The two of us');
    await page.getByRole('button', { name: 'Create group' }).click();
    await page.getByText('You created the group').waitFor();
    await isFine(page);
  });

  it('in a conversation, its menus, its details and its dialogs', async () => {
    await visit(page, '/');
    await openChat(ann, ben);
    await say(ann, 'Look at https://example.org');
    await openFromList(ben, 'Ann');
    await say(ben, 'Nice');
    await say(ben, '🦊');
    await tick(ann, 'Look at', 'Read').waitFor();
    await messages(ann, 'Nice').hover();
    await messages(ann, 'Nice').getByRole('button', { name: 'Message actions' }).click();
    await page.getByRole('menu').waitFor();
    await isFine(page);
    await page.getByRole('menuitem', { name: 'Reply' }).click();
    await page.getByRole('button', { name: 'Cancel reply' }).waitFor();
    await say(ann, 'A reply');
    await messages(ann, 'Look at').hover();
    await messages(ann, 'Look at').getByRole('button', { name: 'Message actions' }).click();
    await page.getByRole('menuitem', { name: 'Delete for everyone' }).click();
    await page.getByRole('dialog').waitFor();
    await isFine(page);
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByText('You deleted this message').waitFor();
    await page.getByRole('button', { name: 'Details', exact: true }).click();
    await page.getByRole('region', { name: 'Details' }).waitFor();
    await isFine(page);
  });

  it('in a group, its details and the dialog that adds people', async () => {
    await rowOf(ann, 'The two of us').click();
    await page.getByRole('button', { name: 'Details', exact: true }).click();
    await page.getByRole('heading', { name: '2 members' }).waitFor();
    await say(ben, 'unread');
    await rowOf(ann, 'Ben').getByText('1 unread message').waitFor();
    await isFine(page);
    await page.getByRole('button', { name: 'Add people' }).click();
    await page.getByRole('dialog').waitFor();
    await isFine(page);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Options for Ben' }).click();
    await page.getByRole('menu').waitFor();
    await isFine(page);
    await page.keyboard.press('Escape');
  });

  for (const panel of [
    'partner',
    'settings',
    'profile',
    'privacy',
    'blocked',
    'notifications',
    'appearance',
    'devices',
    'password',
    'keyboard',
    'archived',
  ]) {
    it(`in the panel "${panel}"`, async () => {
      await visit(page, `/?panel=${panel}`);
      await page.getByRole('button', { name: 'Back' }).waitFor();
      if (panel === 'devices') await page.getByRole('heading', { name: 'This device' }).waitFor();
      await isFine(page);
    });
  }

  it('where a conversation is not there, and where Parley cannot be reached', async () => {
    await visit(page, '/c/01a20336-39a9-7253-8a73-76f36b49cc32');
    await page.getByText('Conversation not found').waitFor();
    await isFine(page);
    await visit(page, '/');
    const { page: stranger, context } = await app.open();
    await context.route('**/bff/**', (route) => route.abort());
    await stranger.reload();
    await stranger.getByRole('button', { name: 'Try again' }).waitFor();
    await isFine(stranger);
    await context.close();
  });

  it('in the dialog that signs out', async () => {
    await visit(page, '/?panel=settings');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('dialog').waitFor();
    await isFine(page);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('on a small screen and without a network', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await visit(page, '/');
    await page.getByRole('button', { name: 'New conversation' }).waitFor();
    await ann.context.setOffline(true);
    await page.getByText('You are offline').waitFor();
    await isFine(page);
    await rowOf(ann, 'Ben').click();
    await say(ann, 'waiting');
    await tick(ann, 'waiting', 'Sending').waitFor();
    await isFine(page);
    await ann.context.setOffline(false);
    await sees(ben, 'waiting');
    await page.setViewportSize({ width: 1280, height: 720 });
  });

  it('and the page holds at 200 % and from right to left', async () => {
    await page.setViewportSize({ width: 640, height: 360 });
    for (const direction of ['ltr', 'rtl']) {
      await page.evaluate((dir) => (document.documentElement.dir = dir), direction);
      for (const width of [640, 360, 1280]) {
        await page.setViewportSize({ width, height: 360 });
        await composer(ann).waitFor();
        assert.equal(
          await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
          true,
          `${direction} at ${width}`,
        );
        const box = (await composer(ann).boundingBox())!;
        assert.ok(box.y + box.height <= 360 && box.x >= 0 && box.x + box.width <= width);
      }
    }
  });
});
