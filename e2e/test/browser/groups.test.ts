import assert from 'node:assert/strict';

import type { Locator } from 'playwright-core';

import { useApp } from '../support/app.ts';
import {
  closeRoad,
  composer,
  createGroup,
  messages,
  openFromList,
  openRoad,
  rowOf,
  say,
  sees,
  tick,
  type Someone,
} from '../support/browser.ts';
import { register, type Account } from '../support/plain-client.ts';
import { poll } from '../support/poll.ts';

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
  /** Cem types until Ann sees it: a signal may be passed over, and each one holds for some seconds only. */
  const types = (text: string, typing: Locator) =>
    poll(async () => {
      await composer(cem).fill(`${text}!`);
      await composer(cem).fill(text);
      return (await typing.count()) > 0 || undefined;
    });

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
    const typing = ann.page.getByText(/^Cem is typing…$/);
    await types('half a thought', typing);
    await choose('Cem', 'Remove from group');
    await ann.page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await cem.page.getByText('Conversation not found').waitFor();
    // The message field had the focus, and keys still do something.
    await cem.page.locator('.pane-main :focus').waitFor();
    await rowOf(cem, RENAMED).waitFor({ state: 'detached' });
    assert.equal(await composer(cem).count(), 0);
    for (const one of [ann, ben]) {
      await one.page.getByText(/^(You|Ann) removed Cem$/).waitFor();
      await one.page.getByRole('heading', { name: '2 members' }).waitFor();
    }
    assert.equal(await typing.count(), 0);
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

  it('names a member with the username whose name looks like that of another member', async () => {
    const { page } = cem;
    // With a Cyrillic A.
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Аnn');
    await page.getByRole('button', { name: 'Save' }).click();
    const named = `Аnn (@${cem.username})`;
    await messages(ann, 'Good to be back').getByText(named, { exact: true }).waitFor();
    await ann.page.getByText(`You added ${named}`).waitFor();
    await ann.page.getByText(`@${cem.username}`, { exact: true }).waitFor();
    await types('half a word', ann.page.getByText(`${named} is typing…`));
    await composer(cem).fill('');
    const avatar = messages(ann, 'Good to be back').locator('.avatar');
    assert.equal(await avatar.textContent(), 'А');
  });
});

describe('a group that was never opened', () => {
  const app = useApp();

  it('names in the list who wrote, after a reload without the server too', async () => {
    const [ann, ben] = await Promise.all([app.enter('Ann'), app.enter('Ben')]);
    await createGroup(ann, GROUP, ben);
    await composer(ann).waitFor();
    await ben.page.evaluate(COLLECT_PREVIEWS);
    await say(ann, 'Hello group');
    const preview = rowOf(ben, GROUP).getByText('Ann: Hello group');
    await preview.waitFor();
    assert.deepEqual(await unnamed(ben), []);
    await closeRoad(ben.context);
    await ben.page.addInitScript({ content: COLLECT_PREVIEWS });
    await ben.page.reload();
    await preview.waitFor();
    await ben.page.getByText('Parley cannot be reached. Trying again…').waitFor();
    assert.deepEqual(await unnamed(ben), []);
    await openRoad(ben.context);
    await openFromList(ben, GROUP);
    await sees(ben, 'Hello group');
  });
});

/** A script that collects what the rows of the list say under their names. */
const COLLECT_PREVIEWS = `
  globalThis.previews = new Set();
  new MutationObserver(() => {
    for (const each of document.querySelectorAll('.row-preview')) previews.add(each.textContent);
  }).observe(document, { childList: true, subtree: true, characterData: true });
`;

/** What the list has said, since `COLLECT_PREVIEWS` ran, without the name of who wrote. */
async function unnamed({ page }: Someone): Promise<string[]> {
  const previews: string[] = await page.evaluate('[...globalThis.previews]');
  return previews.filter((text) => /Unknown user|Someone|Somebody/.test(text));
}

describe('a group of more members than fit on the screen', () => {
  const app = useApp({ env: { PARLEY_RATE_LIMITS: 'off' } });
  const OTHERS = 24;

  it('has a field that finds members by name and username, and that Escape empties', async () => {
    const ann = await app.enter('Ann');
    const { page } = ann;
    const others: Account[] = [];
    for (let index = 0; index < OTHERS; index += 1) {
      others.push(await register(app.origin, `Member-${index + 1}`));
    }
    const isCreated = await page.evaluate(
      async (userIds) => {
        const headers = { 'content-type': 'application/json', 'x-parley': '1' };
        const body = JSON.stringify({ kind: 'group', title: 'Large', userIds });
        const answer = await fetch('/bff/api/conversations', { method: 'POST', headers, body });
        return answer.ok;
      },
      others.map(({ userId }) => userId),
    );
    assert.ok(isCreated);
    await openFromList(ann, 'Large');
    await page.getByRole('button', { name: 'Details', exact: true }).click();
    const members = page.getByRole('button', { name: /^Options for/ });
    const field = page.getByRole('searchbox', { name: 'Filter members' });
    await field.fill('nobody');
    await page.getByText('No member has this name.').waitFor();
    await field.fill('member-7');
    await page.getByRole('button', { name: 'Options for Member-7', exact: true }).waitFor();
    assert.equal(await members.count(), 1);
    await field.fill(others[11]!.username);
    await page.getByRole('button', { name: 'Options for Member-12', exact: true }).waitFor();
    assert.equal(await members.count(), 1);
    // A key of an input method empties nothing.
    await field.evaluate((input) => {
      const init = { key: 'Escape', keyCode: 229, bubbles: true, cancelable: true };
      input.dispatchEvent(new KeyboardEvent('keydown', init));
    });
    assert.equal(await field.inputValue(), others[11]!.username);
    await field.press('Escape');
    assert.equal(await field.inputValue(), '');
    await members.nth(OTHERS - 1).waitFor();
  });
});
