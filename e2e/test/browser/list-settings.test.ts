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
    await choose('Ben', 'Mute');
    await inOther('Ben').getByRole('img', { name: 'Muted' }).waitFor();
    await say(ben, 'Psst');
    await inOther('Ben').getByText('1 unread message').waitFor();
    assert.doesNotMatch(await other.title(), /^\(/);
    await choose('Ben', 'Unmute');
    await inOther('Ben').getByRole('img', { name: 'Muted' }).waitFor({ state: 'detached' });
    await other.waitForFunction(() => document.title.startsWith('(1) '));
    await choose('Ben', 'Mark as read');
    await inOther('Ben').getByText('1 unread message').waitFor({ state: 'detached' });
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
