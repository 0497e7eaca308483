import assert from 'node:assert/strict';

import { useApp } from '../support/app.ts';
import {
  createGroup,
  openFromList,
  rowOf,
  say,
  sees,
  startChat,
  type Someone,
} from '../support/browser.ts';

const GROUP = 'Both are in it';

describe('what the dialog of a block says', () => {
  const app = useApp();
  let ann: Someone;
  let ben: Someone;

  const openPartner = async ({ page }: Someone) => {
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('button', { name: /^Partner/ }).click();
    await page.getByRole('heading', { name: 'Partner', exact: true }).waitFor();
  };
  const leaveSettings = async ({ page }: Someone) => {
    for (let step = 0; step < 2; step += 1) {
      await page
        .getByRole('navigation', { name: 'Conversations' })
        .getByRole('button', { name: 'Back' })
        .click();
    }
  };
  const showCode = async ({ page }: Someone): Promise<string> => {
    await page.getByRole('button', { name: 'Show my code' }).click();
    return page.locator('.code [aria-hidden]').innerText();
  };
  const enterCode = async ({ page }: Someone, code: string) => {
    await page.getByRole('textbox', { name: 'Your partner’s code' }).fill(code);
    await page.getByRole('button', { name: 'Link', exact: true }).click();
  };

  before(async () => {
    [ann, ben] = await Promise.all([app.enter('Ann'), app.enter('Ben')]);
    await startChat(ann, ben);
    await createGroup(ann, GROUP, ben);
    await Promise.all([openPartner(ann), openPartner(ben)]);
    await enterCode(ben, await showCode(ann));
    await ben.page.getByText('You and Ann are linked').waitFor();
    await Promise.all([leaveSettings(ann), leaveSettings(ben)]);
  });

  it('about a partner is that they are told that the link ends, and they are', async () => {
    const { page } = ann;
    await openFromList(ann, 'Ben');
    await page.getByRole('button', { name: 'Details', exact: true }).click();
    await page.getByRole('button', { name: 'Block Ben' }).click();
    const dialog = page.getByRole('dialog', { name: 'Block Ben?' });
    await dialog.getByText('Your link as partners ends too, which they are told.').waitFor();
    await dialog.getByRole('button', { name: 'Block', exact: true }).click();
    await ben.page.getByText('You and Ann are no longer linked').waitFor();
    await page.getByText('You blocked Ben.').waitFor();
    for (const one of [ann, ben]) {
      await one.page.getByRole('region', { name: 'Partner' }).waitFor({ state: 'detached' });
    }
  });

  it('about being online is so for both', async () => {
    for (const [one, other] of [
      [ann, 'Ben'],
      [ben, 'Ann'],
    ] as const) {
      await openFromListOrSee(one, other);
      await one.page.reload();
      const head = one.page.locator('.conversation-head');
      await head.filter({ hasText: other }).waitFor();
      await rowOf(one, other).waitFor();
      assert.doesNotMatch(await head.innerText(), /Online|last seen/i);
      assert.doesNotMatch(await rowOf(one, other).innerText(), /Online/);
    }
  });

  it('about groups is so: both see what the other writes there', async () => {
    for (const one of [ann, ben]) await openFromList(one, GROUP);
    await say(ann, 'Ann writes in the group');
    await sees(ben, 'Ann writes in the group');
    await say(ben, 'Ben answers in the group');
    await sees(ann, 'Ben answers in the group');
  });

  it('about links is so: no code of the one works for the other', async () => {
    await Promise.all([openPartner(ann), openPartner(ben)]);
    await enterCode(ben, await showCode(ann));
    await ben.page.locator('[role=alert], .field-error').first().waitFor();
    assert.equal(await ben.page.getByText('You and Ann are linked').count(), 0);
    await ann.page.getByRole('button', { name: 'New code' }).waitFor();
  });

  /** Who is blocked has no composer to wait for. */
  async function openFromListOrSee(one: Someone, name: string): Promise<void> {
    await rowOf(one, name).click();
    await one.page.locator('.conversation-head').filter({ hasText: name }).waitFor();
  }
});
