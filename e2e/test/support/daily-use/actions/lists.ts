import type { Locator } from 'playwright-core';

import { conversationsOf, showList } from '../hands.ts';
import { openIn, type Person } from '../person.ts';
import type { World } from '../world.ts';
import type { Action } from './action.ts';

/** Opens the menu of a row that is drawn from the list. */
async function rowMenu(world: World, person: Person, exceptOpen = false): Promise<Locator | null> {
  await showList(person);
  const all = await conversationsOf(world, person);
  const open = person.pages.map((page) => openIn(page));
  const some = exceptOpen ? all.filter(({ id }) => !open.includes(id)) : all;
  if (some.length === 0) return null;
  const link = person.page.locator(`[data-conversation="${world.random.pick(some).id}"]`);
  await link.hover();
  await person.page
    .locator('.row', { has: link })
    .getByRole('button', { name: 'Conversation options' })
    .click();
  const menu = person.page.getByRole('menu');
  await menu.waitFor();
  return menu;
}

const pin: Action = {
  name: 'pins or unpins a conversation',
  weight: 2,
  async run(world, person) {
    const menu = await rowMenu(world, person);
    if (menu === null) return 'not possible';
    await menu.getByRole('menuitem', { name: /^(Pin|Unpin)$/ }).click();
    await menu.waitFor({ state: 'detached' });
    return 'anywhere';
  },
};

const mute: Action = {
  name: 'mutes a conversation for a time, or unmutes it',
  weight: 3,
  async run(world, person) {
    const menu = await rowMenu(world, person);
    if (menu === null) return 'not possible';
    const unmute = menu.getByRole('menuitem', { name: 'Unmute' });
    if (await unmute.isVisible()) await unmute.click();
    else {
      await menu.getByRole('menuitem', { name: 'Mute' }).click();
      const time = world.random.pick(['1 hour', '8 hours', '1 week', 'For ever']);
      await person.page.getByRole('menuitem', { name: time }).click();
    }
    await menu.waitFor({ state: 'detached' });
    return 'anywhere';
  },
};

const mark: Action = {
  name: 'marks a conversation as read or unread',
  weight: 3,
  async run(world, person) {
    const menu = await rowMenu(world, person, true);
    if (menu === null) return 'not possible';
    await menu.getByRole('menuitem', { name: /^Mark as (un)?read$/ }).click();
    await menu.waitFor({ state: 'detached' });
    return 'anywhere';
  },
};

const giveUp: Action = {
  name: 'opens the menu of a row and closes it',
  weight: 1,
  offline: true,
  async run(world, person) {
    const menu = await rowMenu(world, person);
    if (menu === null) return 'not possible';
    await person.page.keyboard.press('ArrowDown');
    await person.page.keyboard.press('Escape');
    await menu.waitFor({ state: 'detached' });
    return 'anywhere';
  },
};

export const listActions: readonly Action[] = [pin, mute, mark, giveUp];
