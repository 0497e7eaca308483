import assert from 'node:assert/strict';

import { useApp } from '../support/app.ts';
import {
  composer,
  messages,
  openFromList,
  rowOf,
  say,
  sees,
  tick,
  type Someone,
} from '../support/browser.ts';

const GROUP = 'Weekend trip';
const RENAMED = 'Week in the mountains';

describe('a group of three', () => {
  const app = useApp();
  let ann: Someone;
  let ben: Someone;
  let cem: Someone;

  before(async () => {
    [ann, ben, cem] = await Promise.all([app.enter('Ann'), app.enter('Ben'), app.enter('Cem')]);
  });

  const pick = async (one: Someone) => {
    const { page } = ann;
    await page.getByRole('searchbox', { name: 'Search people' }).fill(`@${one.username}`);
    await page.getByRole('checkbox', { name: `@${one.username}` }).click();
    await page.getByRole('button', { name: `Remove ${one.name}` }).waitFor();
  };
  const choose = async (of: string, action: string) => {
    await ann.page.getByRole('button', { name: `Options for ${of}` }).click();
    await ann.page.getByRole('menuitem', { name: action }).click();
  };

  it('is made by one and appears in the lists of the others', async () => {
    const { page } = ann;
    await page.getByRole('button', { name: 'New conversation' }).click();
    await page.getByRole('button', { name: 'New group' }).click();
    await page.getByRole('textbox', { name: 'Group name' }).fill(GROUP);
    await pick(ben);
    await pick(cem);
    await page.getByRole('button', { name: 'Create group' }).click();
    await page.getByText('You created the group').waitFor();
    for (const one of [ben, cem]) {
      await openFromList(one, GROUP);
      await one.page.getByText('Ann created the group').waitFor();
      await one.page.getByText('3 members', { exact: true }).waitFor();
    }
  });

  it('talks, each hearing all others', async () => {
    for (const one of [ann, ben, cem]) await say(one, `${one.name} is here`);
    for (const one of [ann, ben, cem]) {
      for (const name of ['Ann', 'Ben', 'Cem']) await sees(one, `${name} is here`);
    }
    const named = ann.page.getByRole('article', { name: /^Ben, / });
    await named.filter({ hasText: 'Ben is here' }).waitFor();
    await tick(ann, 'Ann is here', 'Read').waitFor();
  });

  it('gets another name before everybody’s eyes', async () => {
    const { page } = ann;
    await page.getByRole('button', { name: 'Details', exact: true }).click();
    await page.getByRole('button', { name: 'Change the name' }).click();
    await page.getByRole('textbox', { name: 'Group name' }).fill(RENAMED);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText(`You named the group “${RENAMED}”`).waitFor();
    for (const one of [ann, ben, cem]) {
      await one.page.getByRole('heading', { name: RENAMED, level: 2 }).waitFor();
      await rowOf(one, RENAMED).waitFor();
      assert.equal(await rowOf(one, GROUP).count(), 0);
    }
    await ben.page.getByText(`Ann named the group “${RENAMED}”`).waitFor();
  });

  it('gives and takes roles, and with them what one may do', async () => {
    const { page } = ben;
    await page.getByRole('button', { name: 'Details', exact: true }).click();
    await page.getByRole('heading', { name: '3 members' }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Change the name' }).count(), 0);
    await choose('Ben', 'Make admin');
    await page.getByText('Ann made you an admin').waitFor();
    await page.getByRole('button', { name: 'Change the name' }).waitFor();
    await page.getByRole('button', { name: 'Add people' }).waitFor();
    await cem.page.getByText('Ann made Ben an admin').waitFor();
    await choose('Ben', 'Make member');
    await page.getByText('Ann made you a member').waitFor();
    await page.getByRole('button', { name: 'Change the name' }).waitFor({ state: 'detached' });
  });

  it('removes a member, whose open conversation says so at once', async () => {
    await composer(cem).fill('half a thought');
    await choose('Cem', 'Remove from group');
    await ann.page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await cem.page.getByText('Conversation not found').waitFor();
    await rowOf(cem, RENAMED).waitFor({ state: 'detached' });
    assert.equal(await composer(cem).count(), 0);
    for (const one of [ann, ben]) {
      await one.page.getByText(/^(You|Ann) removed Cem$/).waitFor();
      await one.page.getByRole('heading', { name: '2 members' }).waitFor();
    }
    await cem.page.getByRole('button', { name: 'Back to conversations' }).click();
    await cem.page.getByText('No conversations yet').waitFor();
    await say(ann, 'Cem does not get this');
    await sees(ben, 'Cem does not get this');
  });

  it('adds a member again, who sees what comes from then on', async () => {
    await ann.page.getByRole('button', { name: 'Add people' }).click();
    await pick(cem);
    await ann.page.getByRole('button', { name: 'Add 1 person' }).click();
    await openFromList(cem, RENAMED);
    await cem.page.getByText('Ann added you').waitFor();
    await ben.page.getByText('Ann added Cem').waitFor();
    await ben.page.getByRole('heading', { name: '3 members' }).waitFor();
    await say(ann, 'Welcome back');
    await sees(cem, 'Welcome back');
    assert.equal(await messages(cem, 'Cem does not get this').count(), 0);
    assert.equal(await composer(cem).inputValue(), 'half a thought');
    await say(cem, 'Good to be back');
    await sees(ben, 'Good to be back');
  });

  it('is left by a member, for whom it is gone', async () => {
    await ben.page.getByRole('button', { name: 'Leave group' }).click();
    await ben.page.getByRole('dialog').getByRole('button', { name: 'Leave' }).click();
    await ben.page.getByText('No conversations yet').waitFor();
    assert.equal(new URL(ben.page.url()).pathname, '/');
    for (const one of [ann, cem]) await one.page.getByText('Ben left', { exact: true }).waitFor();
    await ann.page.getByRole('heading', { name: '2 members' }).waitFor();
  });

  it('shows at once what a member is called now', async () => {
    const { page } = cem;
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('button', { name: /^Cem/ }).click();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Cemal');
    await page.getByRole('button', { name: 'Save' }).click();
    await ann.page.getByRole('button', { name: 'Options for Cemal' }).waitFor();
    await messages(ann, 'Good to be back').getByText('Cemal', { exact: true }).waitFor();
    await ann.page.getByText('You added Cemal').waitFor();
  });
});
