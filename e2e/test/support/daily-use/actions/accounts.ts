import type { Page } from 'playwright-core';

import { signIn } from '../../browser.ts';
import { closePanels, isOpen, isUnread, showList } from '../page-steps.ts';
import { openIn } from '../person.ts';
import { needing, type Action, type Finding } from './action.ts';
import { openSettings } from './places.ts';

/** Signing out deletes the drafts of this device. */
const signOut: Action = {
  name: 'signs out and in again',
  weight: 2,
  async run(_world, person) {
    const { page } = person;
    for (const other of person.pages) if (other !== page) await other.close();
    await openSettings(person);
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Sign out', exact: true }).click();
    await page.getByRole('heading', { name: 'Sign in to Parley' }).waitFor();
    person.drafts.clear();
    person.lines.clear();
    await signIn(person, person.username, person.password);
    return 'anywhere';
  },
};

const openTab: Action = {
  name: 'opens a second tab',
  weight: 3,
  async run(world, person) {
    if (person.pages.length > 1) return 'not possible';
    const { pathname } = new URL(person.page.url());
    const id = openIn(person.page);
    const mayHaveLine = id !== null && (await isUnread(world, person, id));
    await person.openPage(pathname);
    await person.page.locator('.shell').waitFor();
    person.lines.set(person.page, mayHaveLine);
    if (id !== null) await isOpen(person);
    return 'anywhere';
  },
};

const otherTab: Finding<Page> = (_world, person) =>
  Promise.resolve(person.pages.find((page) => page !== person.page) ?? null);

const changeTab: Action = {
  name: 'goes to the other tab',
  weight: 4,
  offline: true,
  run: needing(otherTab, async (other, _world, person) => {
    person.page = other;
    await other.bringToFront();
    return 'anywhere';
  }),
};

const closeTab: Action = {
  name: 'closes a tab',
  weight: 3,
  run: needing(otherTab, async (other, _world, person) => {
    await person.page.close();
    person.page = other;
    return 'anywhere';
  }),
};

/** The display name is restored at once, because the other actions find people by it. */
const rename: Action = {
  name: 'changes the own name and back',
  weight: 1,
  async run(_world, person) {
    const { page } = person;
    await openSettings(person);
    await page.locator('.settings-link[data-opens=profile]').click();
    for (const name of [`${person.name} K.`, person.name]) {
      await page.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Save', disabled: true }).waitFor();
    }
    await closePanels(person);
    await showList(person);
    return 'anywhere';
  },
};

export const accountActions: readonly Action[] = [signOut, openTab, changeTab, closeTab, rename];
