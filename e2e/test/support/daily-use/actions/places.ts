import type { Locator } from 'playwright-core';

import { composer } from '../../browser.ts';
import {
  button,
  closePanels,
  conversationsOf,
  isOpen,
  noteOpening,
  openRow,
  showList,
  toComposer,
} from '../page-steps.ts';
import { isNarrow, openIn, type Person } from '../person.ts';
import type { World } from '../world.ts';
import { needing, type Action, type Finding, type Outcome } from './action.ts';

/** The composer if it is visible, otherwise anywhere. */
const wherever = async (person: Person): Promise<Outcome> =>
  (await composer(person).isVisible()) ? 'composer' : 'anywhere';

const switchTo: Action = {
  name: 'opens another conversation',
  weight: 8,
  offline: true,
  async run(world, person) {
    const now = openIn(person.page);
    const all = (await conversationsOf(world, person)).filter(({ id }) => id !== now);
    if (all.length === 0) return 'not possible';
    await openRow(world, person, world.random.pick(all).id);
    return wherever(person);
  },
};

const byKeyboard: Action = {
  name: 'goes to the next conversation by keyboard',
  weight: 3,
  offline: true,
  async run(world, person) {
    await closePanels(person);
    const { page } = person;
    if (isNarrow(page)) return 'not possible';
    const rows = await page
      .locator('.list-rows [data-conversation]')
      .evaluateAll((links) =>
        links.map((link) => (link as HTMLElement).dataset['conversation'] ?? ''),
      );
    const now = rows.indexOf(openIn(page) ?? '');
    const step = now > 0 && world.random.next() < 0.5 ? -1 : 1;
    const goal = rows[now === -1 ? 0 : now + step];
    if (goal === undefined) return 'not possible';
    await noteOpening(world, person, goal);
    await page.keyboard.press(step === 1 ? 'Alt+ArrowDown' : 'Alt+ArrowUp');
    await page.waitForURL(`**/c/${goal}`);
    await isOpen(person);
    return wherever(person);
  },
};

const leave: Action = {
  name: 'goes back to the list',
  weight: 2,
  offline: true,
  async run(_world, person) {
    if (!isNarrow(person.page)) return 'not possible';
    await showList(person);
    return 'anywhere';
  },
};

/** Types a name after Ctrl+K and presses Enter. */
const jump: Action = {
  name: 'jumps to a conversation with Ctrl+K',
  weight: 4,
  offline: true,
  async run(world, person) {
    const { page } = person;
    const all = await conversationsOf(world, person);
    const named = all.filter(({ kind, title }) => kind === 'group' && title !== null);
    if (named.length === 0) return 'not possible';
    const { id, title } = world.random.pick(named);
    if (openIn(page) !== id || isNarrow(page)) await noteOpening(world, person, id);
    await page.keyboard.press('Control+k');
    await page.keyboard.type(title ?? '');
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/c/${id}`);
    await isOpen(person);
    return wherever(person);
  },
};

const search: Action = {
  name: 'searches in the list and clears it',
  weight: 2,
  offline: true,
  async run(world, person) {
    await showList(person);
    const field = person.page.getByRole('searchbox', { name: 'Search conversations' });
    await field.fill(world.random.pick(['trip', 'be', 'zzz', 'ann']));
    await person.page.keyboard.press('Escape');
    if ((await field.inputValue()) !== '') throw new Error('Escape did not empty the search');
    return 'anywhere';
  },
};

/** The messages of a conversation that the person can write to. */
const log: Finding<Locator> = async (world, person) =>
  (await toComposer(world, person)) ? person.page.getByRole('log') : null;

/** Back in the browser leads to the conversation that was open before. */
const pressBack: Action = {
  name: 'opens another conversation and presses Back',
  weight: 3,
  offline: true,
  async run(world, person) {
    await closePanels(person);
    const { page } = person;
    const before = openIn(page);
    const other = (await conversationsOf(world, person)).find(({ id }) => id !== before);
    if (before === null || other === undefined || isNarrow(page)) return 'not possible';
    if (page.url().includes('/details')) return 'not possible';
    await openRow(world, person, other.id);
    await noteOpening(world, person, before);
    await page.goBack();
    await page.waitForURL(`**/c/${before}`);
    await isOpen(person);
    return 'anywhere';
  },
};

/** Reads further up and comes back to the newest message. */
const scroll: Action = {
  name: 'scrolls up and jumps to the newest message',
  weight: 3,
  offline: true,
  run: needing(log, async (messages, _world, { page }) => {
    await messages.hover();
    await page.mouse.wheel(0, -1_500);
    const newest = page.getByRole('button', { name: /Jump to newest$/ });
    const isUp = await messages.evaluate(
      ({ clientHeight, scrollHeight, scrollTop }) => scrollHeight - scrollTop - clientHeight > 60,
    );
    if (!isUp) return 'anywhere';
    await newest.click();
    await newest.waitFor({ state: 'detached' });
    return 'anywhere';
  }),
};

const walk: Action = {
  name: 'walks through the messages by keyboard',
  weight: 2,
  offline: true,
  run: needing(log, async (messages, _world, { page }) => {
    await messages.focus();
    for (const key of ['ArrowUp', 'ArrowUp', 'ArrowDown', 'End']) await page.keyboard.press(key);
    await page.keyboard.press('Escape');
    return 'anywhere';
  }),
};

const THEMES = /^(Light|Dark|Same as device)$/;

const SETTINGS = [
  ...['Profile', 'Privacy', 'Blocked people', 'Notifications', 'Appearance', 'Devices'],
  ...['Password', 'Keyboard', 'Partner'],
] as const;

const settings: Action = {
  name: 'looks at a page of the settings',
  weight: 4,
  offline: true,
  async run(world, person) {
    await openSettings(person);
    const name = world.random.pick(SETTINGS);
    const { page } = person;
    const nav = page.getByRole('navigation', { name: 'Conversations' });
    const link =
      name === 'Profile' ? nav.locator('[data-opens=profile]') : settingsLink(person, name);
    await link.click();
    await page.getByRole('heading', { name, exact: true }).waitFor();
    await world.random.pick([
      () => closePanels(person),
      async () => {
        await page.goBack();
        await page.getByRole('heading', { name: 'Settings', exact: true }).waitFor();
        await closePanels(person);
      },
    ])();
    return 'anywhere';
  },
};

export const settingsLink = (person: Person, name: string) =>
  person.page
    .getByRole('navigation', { name: 'Conversations' })
    .locator('.settings-link')
    .filter({ has: person.page.getByText(name, { exact: true }) });

/** Opens the settings from wherever the person is. */
export async function openSettings(person: Person): Promise<void> {
  await showList(person);
  await button(person, 'Settings').click();
  await person.page.getByRole('heading', { name: 'Settings', exact: true }).waitFor();
}

const theme: Action = {
  name: 'changes the theme',
  weight: 2,
  offline: true,
  async run(world, person) {
    await openSettings(person);
    await settingsLink(person, 'Appearance').click();
    await person.page.getByRole('radio', { name: THEMES }).nth(world.random.below(3)).check();
    await closePanels(person);
    return 'anywhere';
  },
};

/** Changes the size of the window, as when a tablet is rotated. */
const resize: Action = {
  name: 'changes the size of the window',
  weight: 3,
  offline: true,
  async run(_world, { page }) {
    const narrow = isNarrow(page);
    await page.setViewportSize(narrow ? { width: 1280, height: 800 } : { width: 360, height: 740 });
    return 'anywhere';
  },
};

const reload: Action = {
  name: 'reloads the page',
  weight: 4,
  async run(world: World, person) {
    const id = openIn(person.page);
    if (id !== null) await noteOpening(world, person, id);
    await person.page.reload();
    await person.page.locator('.shell').waitFor();
    if (id !== null) await isOpen(person);
    return 'anywhere';
  },
};

export const placeActions: readonly Action[] = [
  ...[switchTo, byKeyboard, leave, jump, search, pressBack, scroll, walk],
  ...[settings, theme, resize, reload],
];
