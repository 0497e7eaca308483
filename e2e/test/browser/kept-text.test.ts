import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';

import { useApp } from '../support/app.ts';
import {
  composer,
  messages,
  openFromList,
  rowOf,
  say,
  sees,
  startChat,
  type Someone,
} from '../support/browser.ts';
import { pick, picture, pictures, send } from '../support/files.ts';

describe('what somebody has written or opened', () => {
  const app = useApp({ env: { PARLEY_RATE_LIMITS: 'off' } });
  let ann: Someone;
  let ben: Someone;
  let page: Page;

  before(async () => {
    [ann, ben] = await Promise.all([app.enter('Ann'), app.enter('Ben')]);
    ({ page } = ann);
    await startChat(ann, ben);
    await say(ben, 'Hello Ann');
    await sees(ann, 'Hello Ann');
  });

  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const dialog = (name: string) => page.getByRole('dialog', { name, exact: true });
  const asked = () => dialog('Discard what you wrote?');

  async function makeGroup(title: string): Promise<void> {
    await button('New conversation').click();
    await button('New group').click();
    await page.getByRole('textbox', { name: 'Group name' }).fill(title);
    await page.getByRole('searchbox', { name: 'Search people' }).fill(`@${ben.username}`);
    await page.getByRole('checkbox', { name: `@${ben.username}` }).click();
    await button('Create group').click();
    await page.getByRole('log', { name: `Messages with ${title}` }).waitFor();
  }

  it('is closed by Back alone: the viewer, a dialog, and a page of the settings', async () => {
    await pick(ann, picture('shown.png', 80, 80));
    await send(ann, 'shown');
    await pictures(ann).first().click();
    await dialog('Image viewer').waitFor();
    await page.goBack();
    await dialog('Image viewer').waitFor({ state: 'detached' });
    await sees(ann, 'Hello Ann');
    await pick(ann, picture('dropped.png', 80, 80));
    await page.goBack();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await sees(ann, 'Hello Ann');

    await button('Settings').click();
    await page.getByRole('button', { name: /^Partner Link/ }).click();
    await page.getByRole('heading', { name: 'Partner' }).waitFor();
    await button('Back').click();
    await page.getByRole('heading', { name: 'Settings' }).waitFor();
    await page.getByRole('button', { name: /^Partner Link/ }).click();
    await page.goBack();
    await page.getByRole('heading', { name: 'Settings' }).waitFor();
    await button('Back').click();
    await page.getByRole('heading', { name: 'Chats' }).waitFor();
  });

  it('is not thrown away without asking: a caption, a group, a name', async () => {
    await pick(ann, picture('captioned.png', 80, 80));
    const caption = page.getByRole('textbox', { name: 'Caption' });
    await caption.fill('half a caption');
    for (const leave of [
      () => page.keyboard.press('Escape'),
      () => dialog('Send 1 file').getByRole('button', { name: 'Close' }).click(),
      () => page.goBack(),
    ]) {
      await leave();
      await asked().getByRole('button', { name: 'Cancel' }).click();
      assert.equal(await caption.inputValue(), 'half a caption');
    }
    await page.keyboard.press('Escape');
    await asked().getByRole('button', { name: 'Discard' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.equal(await composer(ann).inputValue(), '');

    await button('New conversation').click();
    await button('New group').click();
    const title = page.getByRole('textbox', { name: 'Group name' });
    await title.fill('Half a group');
    for (const leave of [
      () => button('Back').click(),
      () => page.goBack(),
      () => page.keyboard.press('Control+k'),
    ]) {
      await leave();
      await asked().getByRole('button', { name: 'Cancel' }).click();
      assert.equal(await title.inputValue(), 'Half a group');
    }
    await page.goBack();
    await asked().getByRole('button', { name: 'Discard' }).click();
    await page.getByRole('heading', { name: 'Chats' }).waitFor();
    await makeGroup('Whole');
  });

  it('is not thrown away without asking: a password that is half typed', async () => {
    await button('Settings').click();
    await page.getByRole('button', { name: /^Password/ }).click();
    const field = page.getByRole('textbox', { name: 'Current password' });
    for (const leave of [
      () => button('Back').click(),
      () => page.goBack(),
      () => page.keyboard.press('Escape'),
    ]) {
      await field.fill('half a pass');
      await leave();
      await asked().getByRole('button', { name: 'Cancel' }).click();
      assert.equal(await field.inputValue(), 'half a pass');
    }
    await button('Back').click();
    await asked().getByRole('button', { name: 'Discard' }).click();
    await page.getByRole('heading', { name: 'Settings' }).waitFor();
    await page.getByRole('button', { name: /^Password/ }).click();
    await field.fill('typed and deleted');
    await field.fill('');
    await button('Back').click();
    await page.getByRole('heading', { name: 'Settings' }).waitFor();
    await button('Back').click();
    await page.getByRole('heading', { name: 'Chats' }).waitFor();
  });

  it('stays when one is removed while writing, and can be copied', async () => {
    await openFromList(ben, 'Whole');
    await composer(ben).fill('not sent before I was removed');
    await button('Details').click();
    await button('Options for Ben').click();
    await page.getByRole('menuitem', { name: 'Remove from group' }).click();
    await button('Remove').click();
    const kept = ben.page.getByRole('textbox', { name: 'You can no longer write here' });
    await kept.waitFor();
    assert.equal(await kept.inputValue(), 'not sent before I was removed');
    await ben.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await ben.page.getByRole('button', { name: 'Copy text' }).click();
    await ben.page.getByText('Copied').waitFor();
    await ben.page.reload();
    await kept.waitFor();
    await ben.page.getByRole('button', { name: 'Discard' }).click();
    await kept.waitFor({ state: 'detached' });
    await ben.page.getByRole('button', { name: 'Back to conversations' }).click();
  });

  it('goes out in parts or as a file when it is too long', async () => {
    const text = 'Once upon a time there was a sentence. '.repeat(382).slice(0, 14_891);
    await rowOf(ann, /^Ben/).click();
    await composer(ann).fill(text);
    await page.getByText('4,891 characters too many').waitFor();
    await button('Send as 2 messages').click();
    await openFromList(ben, 'Ann');
    await messages(ben, 'Once upon').nth(1).waitFor();
    assert.equal(await composer(ann).inputValue(), '');
    await composer(ann).fill(text);
    await button('Send as a text file').click();
    await messages(ben, 'message.txt').waitFor();
    assert.equal(await composer(ann).inputValue(), '');
    await composer(ann).fill('x'.repeat(200_000));
    await button('Send as a text file').waitFor();
    assert.equal(await page.getByRole('button', { name: /^Send as \d+ messages/ }).count(), 0);
    await composer(ann).fill('');
  });

  it('is there after another conversation was open, the reply too, and in a second tab', async () => {
    await messages(ann, 'Hello Ann').click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Reply' }).click();
    await composer(ann).fill('half a reply');
    await rowOf(ann, /^Whole/).click();
    await page.getByText('Reply to Ben').waitFor({ state: 'detached' });
    await rowOf(ann, /^Ben/).click();
    await page.getByText('Reply to Ben').waitFor();
    assert.equal(await composer(ann).inputValue(), 'half a reply');

    const second = await ann.context.newPage();
    await second.goto(page.url());
    const there = composer({ page: second });
    await there.waitFor();
    assert.equal(await there.inputValue(), 'half a reply');
    await composer(ann).fill('half a reply, continued');
    await second.waitForFunction(
      () => document.querySelector('textarea')?.value === 'half a reply, continued',
    );
    await there.fill('written in the second tab');
    await page.waitForFunction(
      () => document.querySelector('textarea')?.value === 'written in the second tab',
    );
    await composer(ann).press('Enter');
    await second.waitForFunction(() => document.querySelector('textarea')?.value === '');
    await second.close();
    await messages(ben, 'written in the second tab').getByText('Hello Ann').waitFor();
  });

  it('shows no line above what was read, no ticks on what is deleted, and warns of real losses', async () => {
    await say(ben, 'To be read');
    await rowOf(ann, /^Whole/).click();
    await say(ben, 'Not read yet');
    await rowOf(ann, /^Ben/).getByText('1 unread message').waitFor();
    await rowOf(ann, /^Ben/).click();
    await page.getByText('Unread messages', { exact: true }).waitFor();
    await say(ann, 'An answer');
    await page.getByText('Unread messages', { exact: true }).waitFor({ state: 'detached' });

    await messages(ann, 'An answer').click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Delete for everyone' }).click();
    await button('Delete').click();
    await rowOf(ann, /^Ben/).getByText('Message deleted').waitFor();
    const marks = rowOf(ann, /^Ben/).getByRole('img', { name: /^(Sent|Delivered|Read)$/ });
    assert.equal(await marks.count(), 0);

    const warning = page.getByText('Messages on this device that have not been sent');
    await button('Settings').click();
    await button('Sign out').click();
    await page.getByText('Your conversations are there').waitFor();
    await page.keyboard.press('Escape');
    await ann.context.setOffline(true);
    await say(ann, 'waits');
    await button('Sign out').click();
    await warning.waitFor();
    await page.keyboard.press('Escape');
    await ann.context.setOffline(false);
    await sees(ben, 'waits');
  });

  it('keeps the username between signing in and registering', async () => {
    const { page: stranger } = await app.open();
    const username = stranger.getByRole('textbox', { name: 'Username' });
    await username.fill('somebody');
    await stranger.getByRole('button', { name: 'Create an account' }).click();
    assert.equal(await username.inputValue(), 'somebody');
    await username.fill('somebody-else');
    await stranger.getByRole('button', { name: 'Sign in instead' }).click();
    assert.equal(await username.inputValue(), 'somebody-else');
  });
});
