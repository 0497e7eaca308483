import { PASSWORD } from '../../browser.ts';
import {
  button,
  closePanels,
  conversationsOf,
  openDetails,
  openRow,
  showList,
} from '../page-steps.ts';
import type { Person } from '../person.ts';
import type { World } from '../world.ts';
import type { Action } from './action.ts';
import { openSettings, settingsLink } from './places.ts';

const PASSWORDS = [PASSWORD, 'another long secret'] as const;

/** The other devices are signed out, and the tabs of this browser stay signed in. */
const changePassword: Action = {
  name: 'changes the password',
  weight: 1,
  async run(_world, person) {
    const { page } = person;
    const next = PASSWORDS.find((each) => each !== person.password) ?? PASSWORD;
    await openPage(person, 'Password');
    await page
      .getByRole('textbox', { name: 'Current password', exact: true })
      .fill(person.password);
    await page.getByRole('textbox', { name: 'New password', exact: true }).fill(next);
    await button(person, 'Change password').click();
    await page.getByText('Password changed.').waitFor();
    person.password = next;
    await closePanels(person);
    return 'anywhere';
  },
};

const PRIVACY = ['Read receipts', 'Online and last seen'] as const;

const choosePrivacy: Action = {
  name: 'changes what others may see',
  weight: 2,
  async run(world, person) {
    await openPage(person, 'Privacy');
    await turn(world, person, PRIVACY);
    return 'anywhere';
  },
};

const chooseSound: Action = {
  name: 'turns the sound on or off',
  weight: 1,
  offline: true,
  async run(world, person) {
    await openPage(person, 'Notifications');
    await turn(world, person, ['Sound']);
    return 'anywhere';
  },
};

async function openPage(person: Person, name: string): Promise<void> {
  await openSettings(person);
  await settingsLink(person, name).click();
  await person.page.getByRole('heading', { name, exact: true }).waitFor();
}

/** Turns one of some switches and closes the settings. */
async function turn(world: World, person: Person, names: readonly string[]): Promise<void> {
  const toggle = person.page.getByRole('switch', { name: world.random.pick(names), exact: true });
  const wasOn = await toggle.isChecked();
  await toggle.setChecked(!wasOn);
  await closePanels(person);
}

const archive: Action = {
  name: 'archives a conversation and brings it back',
  weight: 2,
  async run(world, person) {
    await showList(person);
    const all = await conversationsOf(world, person);
    if (all.length < 2) return 'not possible';
    const { id } = world.random.pick(all);
    await chooseInRow(person, id, 'Archive');
    const { page } = person;
    await page.locator('[data-opens=archived]').click();
    await page.getByRole('heading', { name: 'Archived', exact: true }).waitFor();
    await chooseInRow(person, id, 'Move out of archive');
    await page.locator(`[data-conversation="${id}"]`).waitFor({ state: 'detached' });
    await closePanels(person);
    return 'anywhere';
  },
};

async function chooseInRow({ page }: Person, id: string, item: string): Promise<void> {
  const link = page.locator(`[data-conversation="${id}"]`);
  await link.hover();
  const row = page.locator('.row', { has: link });
  await row.getByRole('button', { name: 'Conversation options' }).click();
  await page.getByRole('menuitem', { name: item, exact: true }).click();
  await page.getByRole('menu').waitFor({ state: 'detached' });
}

/** The details of a conversation offer what the menu of its row does. */
const muteInDetails: Action = {
  name: 'mutes or unmutes in the details',
  weight: 1,
  async run(world, person) {
    const all = await conversationsOf(world, person);
    if (all.length === 0) return 'not possible';
    await openRow(world, person, world.random.pick(all).id);
    await openDetails(person);
    const { page } = person;
    const row = page.locator('.mute-row');
    const unmute = row.getByRole('button', { name: 'Unmute' });
    if (await unmute.isVisible()) {
      await unmute.click();
      await unmute.waitFor({ state: 'detached' });
    } else {
      await row.getByRole('button', { name: 'Mute for…' }).click();
      await page.getByRole('menuitem', { name: '8 hours' }).click();
      await unmute.waitFor();
    }
    return 'anywhere';
  },
};

export const choiceActions: readonly Action[] = [
  ...[changePassword, choosePrivacy, chooseSound, archive, muteInDetails],
];
