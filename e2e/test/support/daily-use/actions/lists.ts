import type { Locator } from 'playwright-core';

import { conversationsOf, showList } from '../page-steps.ts';
import { openIn, type Person } from '../person.ts';
import type { World } from '../world.ts';
import { needing, type Action } from './action.ts';

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

/** Does something in the menu of a row, which is closed afterwards. */
type InMenu = (menu: Locator, world: World, person: Person) => Promise<void>;

const inRowMenu = (act: InMenu, exceptOpen = false): Action['run'] =>
  needing(
    (world, person) => rowMenu(world, person, exceptOpen),
    async (menu, world, person) => {
      await act(menu, world, person);
      await menu.waitFor({ state: 'detached' });
      return 'anywhere';
    },
  );

const pin: Action = {
  name: 'pins or unpins a conversation',
  weight: 2,
  run: inRowMenu((menu) => menu.getByRole('menuitem', { name: /^(Pin|Unpin)$/ }).click()),
};

const mute: Action = {
  name: 'mutes a conversation for a time, or unmutes it',
  weight: 3,
  run: inRowMenu(async (menu, world, { page }) => {
    const unmute = menu.getByRole('menuitem', { name: 'Unmute' });
    if (await unmute.isVisible()) return unmute.click();
    await menu.getByRole('menuitem', { name: 'Mute' }).click();
    const time = world.random.pick(['1 hour', '8 hours', '1 week', 'For ever']);
    await page.getByRole('menuitem', { name: time }).click();
  }),
};

const mark: Action = {
  name: 'marks a conversation as read or unread',
  weight: 3,
  run: inRowMenu(
    (menu) => menu.getByRole('menuitem', { name: /^Mark as (un)?read$/ }).click(),
    true,
  ),
};

const giveUp: Action = {
  name: 'opens the menu of a row and closes it',
  weight: 1,
  offline: true,
  run: inRowMenu(async (_menu, _world, { page }) => {
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Escape');
  }),
};

export const listActions: readonly Action[] = [pin, mute, mark, giveUp];
