import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';

import { useApp } from '../support/app.ts';
import { openChat, openFromList, rowOf, say, sees, type Someone } from '../support/browser.ts';

describe('what somebody sets for a conversation of the list', () => {
  const app = useApp();
  let ann: Someone;
  let ben: Someone;
  let cem: Someone;
  /** The same person in a second tab. */
  let other: Page;

  before(async () => {
    [ann, ben, cem] = await Promise.all([app.enter('Ann'), app.enter('Ben'), app.enter('Cem')]);
    for (const peer of [ben, cem]) {
      await openChat(ann, peer);
      await say(ann, `Hello ${peer.name}`);
      await openFromList(peer, 'Ann');
      await sees(peer, `Hello ${peer.name}`);
      await ann.page.goto(app.origin);
    }
    other = await ann.context.newPage();
    await other.goto(app.origin);
  });

  const choose = async (name: string, action: string) => {
    const row = rowOf(ann, name).locator('..');
    await row.getByRole('button', { name: 'Conversation options' }).press('Enter');
    await ann.page.getByRole('menuitem', { name: action, exact: true }).click();
  };
  const mute = async (name: string, duration: string) => {
    const row = rowOf(ann, name).locator('..');
    await row.getByRole('button', { name: 'Conversation options' }).press('Enter');
    await ann.page.getByRole('menuitem', { name: 'Mute', exact: true }).press('Enter');
    await ann.page.getByRole('menu', { name: 'Mute' }).waitFor();
    await ann.page.getByRole('menuitem', { name: duration, exact: true }).press('Enter');
  };
  const inOther = (name: string) => rowOf({ page: other }, name);
  const firstIs = (page: Page, name: string) =>
    page.locator('.list-item').first().getByRole('link', { name }).waitFor();

  it('is pinned to the top, on every device', async () => {
    for (const page of [ann.page, other]) await firstIs(page, 'Cem');
    await choose('Ben', 'Pin');
    for (const page of [ann.page, other]) await firstIs(page, 'Ben');
    await inOther('Ben').getByRole('img', { name: 'Pinned' }).waitFor();
    await choose('Ben', 'Unpin');
    for (const page of [ann.page, other]) await firstIs(page, 'Cem');
  });

  it('is marked as unread until somebody looks', async () => {
    await choose('Ben', 'Mark as unread');
    await inOther('Ben').getByText('Marked as unread').waitFor();
    await other.waitForFunction(() => document.title.startsWith('(1) '));
    await openFromList({ page: other }, 'Ben');
    await rowOf(ann, 'Ben').getByText('Marked as unread').waitFor({ state: 'detached' });
    await other.waitForFunction(() => !document.title.startsWith('('));
    await other.goBack();
  });

  it('is muted, and what comes then counts for nothing', async () => {
    await mute('Ben', 'For ever');
    await inOther('Ben').getByRole('img', { name: 'Muted', exact: true }).waitFor();
    await say(ben, 'Psst');
    await inOther('Ben').getByText('1 unread message').waitFor();
    assert.doesNotMatch(await other.title(), /^\(/);
    await choose('Ben', 'Unmute');
    await inOther('Ben').getByRole('img', { name: 'Muted' }).waitFor({ state: 'detached' });
    await other.waitForFunction(() => document.title.startsWith('(1) '));
    await choose('Ben', 'Mark as read');
    await inOther('Ben').getByText('1 unread message').waitFor({ state: 'detached' });
  });

  it('is muted for a while, as the details say on every device, until somebody unmutes it', async () => {
    await mute('Ben', '8 hours');
    await inOther('Ben')
      .getByRole('img', { name: /^Muted until .*\d:\d\d|^Muted until midnight/ })
      .waitFor();
    await openFromList({ page: other }, 'Ben');
    await other.getByRole('button', { name: 'Details', exact: true }).click();
    const details = other.getByRole('region', { name: 'Details' });
    await details.getByText(/^Muted until/).waitFor();
    await details.getByRole('button', { name: 'Unmute' }).click();
    await rowOf(ann, 'Ben').getByRole('img', { name: 'Muted' }).waitFor({ state: 'detached' });
    await details.getByRole('button', { name: 'Mute for…' }).press('Enter');
    await other.getByRole('menuitem', { name: '1 hour' }).press('Enter');
    await rowOf(ann, 'Ben')
      .getByRole('img', { name: /^Muted until/ })
      .waitFor();
    await details.getByRole('button', { name: 'Unmute' }).click();
    await details.getByRole('button', { name: 'Mute for…' }).waitFor();
    await other.goBack();
    await other.goBack();
  });

  it('goes back from the durations of a mute to the menu, by keyboard too', async () => {
    const row = rowOf(ann, 'Ben').locator('..');
    await row.getByRole('button', { name: 'Conversation options' }).press('Enter');
    await ann.page.getByRole('menuitem', { name: 'Mute', exact: true }).press('Enter');
    await ann.page.getByRole('menuitem', { name: '1 hour' }).press('ArrowLeft');
    await ann.page.getByRole('menuitem', { name: 'Archive' }).waitFor();
    await ann.page.keyboard.press('Escape');
    await ann.page.getByRole('menu').waitFor({ state: 'detached' });
  });

  it('is archived, and comes back', async () => {
    await choose('Ben', 'Archive');
    await inOther('Ben').waitFor({ state: 'detached' });
    await ann.page.getByRole('button', { name: 'Archived 1' }).click();
    await rowOf(ann, 'Ben').waitFor();
    assert.equal(await rowOf(ann, 'Cem').count(), 0);
    await choose('Ben', 'Move out of archive');
    await ann.page.getByText('Nothing archived').waitFor();
    await inOther('Ben').waitFor();
  });
});
