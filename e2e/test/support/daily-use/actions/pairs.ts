import { composer } from '../../browser.ts';
import {
  button,
  closeDetails,
  closePanels,
  conversationsOf,
  messageOf,
  openDetails,
  openRow,
} from '../page-steps.ts';
import type { Person } from '../person.ts';
import type { World } from '../world.ts';
import type { Action } from './action.ts';
import { openSettings } from './places.ts';

/** Opens the direct conversation of the two people, if the list of this person shows it. */
async function openTheirs(world: World, person: Person): Promise<boolean> {
  const theirs = (await conversationsOf(world, person)).find(
    ({ kind, members }) =>
      kind === 'direct' && world.people.every(({ userId }) => members.has(userId)),
  );
  if (theirs === undefined) return false;
  await openRow(world, person, theirs.id);
  return true;
}

const block: Action = {
  name: 'blocks the other one',
  weight: 2,
  async run(world, person) {
    if (world.blockedBy !== null || !world.otherThan(person).isOnline) return 'not possible';
    if (!(await openTheirs(world, person))) return 'not possible';
    const { name } = world.otherThan(person);
    await openDetails(person);
    await button(person, `Block ${name}`).click();
    const dialog = person.page.getByRole('dialog', { name: `Block ${name}?` });
    await dialog.getByRole('button', { name: 'Block', exact: true }).click();
    await button(person, `Unblock ${name}`).waitFor();
    world.blockedBy = person;
    world.areLinked = false;
    await closeDetails(person);
    await person.page.getByText(`You blocked ${name}.`).waitFor();
    return 'anywhere';
  },
};

const unblock: Action = {
  name: 'unblocks the other one',
  weight: 12,
  async run(world, person) {
    if (world.blockedBy !== person) return 'not possible';
    if (!(await openTheirs(world, person))) return 'not possible';
    await button(person, 'Unblock').click();
    await composer(person).waitFor();
    world.blockedBy = null;
    return 'composer';
  },
};

/** A message to a user who has blocked its sender is refused, and can be discarded. */
const writeInVain: Action = {
  name: 'writes to the one who has blocked',
  weight: 6,
  async run(world, person) {
    if (world.blockedBy !== world.otherThan(person)) return 'not possible';
    if (!(await openTheirs(world, person))) return 'not possible';
    const token = world.nextToken();
    await composer(person).fill(`${token} are you there?`);
    await person.page.keyboard.press('Enter');
    person.drafts.delete(world.current(person));
    world.noteSent(person, token, `${token} are you there?`).isRefused = true;
    const message = messageOf(person, token);
    await message.getByRole('button', { name: 'Discard' }).click();
    await message.waitFor({ state: 'detached' });
    return 'anywhere';
  },
};

async function openPartner(person: Person): Promise<void> {
  await openSettings(person);
  await person.page.locator('.settings-link[data-opens=partner]').click();
  await person.page.getByRole('heading', { name: 'Partner', exact: true }).waitFor();
}

const link: Action = {
  name: 'links with the other one',
  weight: 3,
  async run(world, person) {
    const other = world.otherThan(person);
    if (world.areLinked || world.blockedBy !== null || !other.isOnline) return 'not possible';
    await openPartner(person);
    await button(person, 'Show my code').click();
    const code = await person.page.locator('.code [aria-hidden]').innerText();
    await openPartner(other);
    await other.page.getByRole('textbox', { name: 'Your partner’s code' }).fill(code);
    await button(other, 'Link').click();
    world.areLinked = true;
    for (const each of world.people) {
      await button(each, 'Unlink').waitFor();
      await closePanels(each);
    }
    return 'anywhere';
  },
};

const unlink: Action = {
  name: 'unlinks',
  weight: 1,
  async run(world, person) {
    if (!world.areLinked) return 'not possible';
    await openPartner(person);
    await button(person, 'Unlink').click();
    const dialog = person.page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Unlink', exact: true }).click();
    await button(person, 'Show my code').waitFor();
    world.areLinked = false;
    await closePanels(person);
    return 'anywhere';
  },
};

const STATUSES = ['Available', 'Busy', 'Offline'] as const;

/** The other person must see the status, whichever view is open. */
const status: Action = {
  name: 'sets the status',
  weight: 4,
  async run(world, person) {
    if (!world.areLinked) return 'not possible';
    await openPartner(person);
    const name = world.random.pick(STATUSES);
    const { page } = person;
    await page.getByRole('radio', { name }).click();
    if (name !== 'Available') {
      await button(
        person,
        world.random.pick(['Until I change it', '30 minutes', '1 hour']),
      ).click();
    }
    await page.locator('.partner-section .partner-line').filter({ hasText: name }).waitFor();
    await closePanels(person);
    const other = world.otherThan(person);
    if (!other.isOnline) return 'anywhere';
    await other.page
      .locator('.partner-card .partner-status, .partner-top .partner-line, .conversation-peer')
      .filter({ hasText: name })
      .first()
      .waitFor({ state: 'attached' });
    return 'anywhere';
  },
};

export const pairActions: readonly Action[] = [block, unblock, writeInVain, link, unlink, status];
