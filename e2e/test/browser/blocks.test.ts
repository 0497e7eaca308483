import assert from 'node:assert/strict';

import { useApp } from '../support/app.ts';
import { findingsInBothThemes } from '../support/axe.ts';
import {
  composer,
  messages,
  say,
  sees,
  startChat,
  tick,
  type Someone,
} from '../support/browser.ts';

describe('somebody who blocks', () => {
  const app = useApp();
  let ann: Someone;
  let ben: Someone;

  before(async () => {
    [ann, ben] = await Promise.all([app.enter('Ann'), app.enter('Ben')]);
    await startChat(ann, ben);
    await say(ben, 'Hello Ann');
    await sees(ann, 'Hello Ann');
  });

  const isFine = async ({ page }: Someone) => {
    assert.deepEqual(await findingsInBothThemes(page), []);
  };

  it('does so in the details, after being asked', async () => {
    const { page } = ann;
    await page.getByRole('button', { name: 'Details', exact: true }).click();
    await page.getByRole('button', { name: 'Block Ben' }).click();
    const dialog = page.getByRole('dialog', { name: 'Block Ben?' });
    // The other one does notice, and the dialog says how.
    const notices = 'when they write to you, they see that you cannot be reached';
    await dialog.getByText(notices).waitFor();
    assert.equal(await dialog.getByText('Your link as partners ends').count(), 0);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    assert.ok(await composer(ann).isVisible());
    await page.getByRole('button', { name: 'Block Ben' }).click();
    await isFine(ann);
    await dialog.getByRole('button', { name: 'Block', exact: true }).click();
    await page.getByText('You blocked Ben.').waitFor();
    assert.equal(await composer(ann).count(), 0);
    await page.getByRole('button', { name: 'Unblock Ben' }).waitFor();
    await isFine(ann);
  });

  it('is not reached, and the other one is told no more than that', async () => {
    await say(ben, 'Are you there?');
    await tick(ben, 'Are you there?', 'Not sent').waitFor();
    await ben.page.getByText('This person cannot be reached.').waitFor();
    assert.equal(await messages(ann, 'Are you there?').count(), 0);
    await isFine(ben);
  });

  it('finds in the settings who is blocked, after a reload too, and ends it', async () => {
    const { page } = ann;
    await page.reload();
    await page.getByText('You blocked Ben.').waitFor();
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('button', { name: 'Blocked people' }).click();
    await page.getByText(/^Blocked at/).waitFor();
    await isFine(ann);
    await page
      .getByRole('navigation', { name: 'Conversations' })
      .getByRole('button', { name: 'Unblock Ben' })
      .click();
    await page.getByText('Nobody is blocked').waitFor();
    await composer(ann).waitFor();
  });

  it('is reached again from then on', async () => {
    await ben.page.getByRole('button', { name: 'Try again' }).click();
    await sees(ann, 'Are you there?');
    await say(ann, 'Here again');
    await sees(ben, 'Here again');
  });
});
