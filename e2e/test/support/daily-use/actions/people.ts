import type { Account } from '../../plain-client.ts';
import { composer } from '../../browser.ts';
import { poll } from '../../poll.ts';
import type { StoredConversation } from '../stored-conversations.ts';
import {
  button,
  closeDetails,
  conversationsOf,
  noteOpening,
  openDetails,
  openRow,
  showList,
} from '../page-steps.ts';
import { viewOf } from '../page-view.ts';
import { openIn, PATIENCE, type Person } from '../person.ts';
import type { World } from '../world.ts';
import { needing, type Action } from './action.ts';

/** Everybody whom a person can write to, by username. */
function usernamesFor(world: World, person: Person): readonly string[] {
  const others = world.others.map(({ username }: Account) => username);
  return [world.otherThan(person).username, ...others];
}

const direct: Action = {
  name: 'finds somebody and opens the conversation',
  weight: 4,
  async run(world, person) {
    const { page } = person;
    await showList(person);
    const username = world.random.pick(usernamesFor(world, person));
    if (username === world.otherThan(person).username && world.blockedBy !== null) {
      return 'not possible';
    }
    const known = (await world.database.read()).values();
    const userId = [...world.people, ...world.others].find((each) => each.username === username);
    const there = [...known].find(
      ({ kind, members }) =>
        kind === 'direct' && members.has(person.userId) && members.has(userId?.userId ?? ''),
    );
    if (there !== undefined && openIn(page) !== there.id) {
      await noteOpening(world, person, there.id);
    } else if (there === undefined) person.lines.set(page, false);
    await newConversation(person);
    const field = page.getByRole('searchbox', { name: 'Search people' });
    await field.fill(`@${username}`);
    if (world.random.next() < 0.5) await field.press('Enter');
    else await page.getByRole('button', { name: `@${username}` }).click();
    await newOneIsOpen(person);
    return 'composer';
  },
};

async function newConversation(person: Person): Promise<void> {
  await showList(person);
  await button(person, 'New conversation').click();
}

async function newOneIsOpen(person: Person): Promise<void> {
  await person.page.waitForURL((url) => url.pathname.startsWith('/c/') && url.search === '');
  await composer(person).waitFor();
}

async function pickPerson({ page }: Person, username: string): Promise<void> {
  await page.getByRole('searchbox', { name: 'Search people' }).fill(`@${username}`);
  await page.getByRole('checkbox', { name: `@${username}` }).click();
}

const group: Action = {
  name: 'creates a group',
  weight: 2,
  async run(world, person) {
    if ((await groupsOf(world, person)).length > 3) return 'not possible';
    const { page } = person;
    await newConversation(person);
    person.lines.set(page, false);
    await button(person, 'New group').click();
    const title = `trip ${world.nextToken().slice(1)}`;
    await page.getByRole('textbox', { name: 'Group name' }).fill(title);
    const { username } = world.otherThan(person);
    if (world.blockedBy === null) await pickPerson(person, username);
    await pickPerson(person, world.random.pick(world.others).username);
    await button(person, 'Create group').click();
    await newOneIsOpen(person);
    return 'anywhere';
  },
};

const groupsOf = async (
  world: World,
  person: Person,
  mayChange = false,
): Promise<readonly StoredConversation[]> =>
  (await conversationsOf(world, person)).filter(({ kind, members }) => {
    const role = members.get(person.userId)?.role;
    return kind === 'group' && (!mayChange || role === 'owner');
  });

/** Does something in the details of a group. Returns `false` if they do not offer it. */
type InDetails = (group: StoredConversation, world: World, person: Person) => Promise<boolean>;

/** Does something in the details of a group that a person may change, and closes them. */
const inDetails = (act: InDetails): Action['run'] =>
  needing(
    async (world, person) => {
      const all = await groupsOf(world, person, true);
      return all.length === 0 ? null : world.random.pick(all);
    },
    async (group, world, person) => {
      await openRow(world, person, group.id);
      await openDetails(person);
      const isDone = await act(group, world, person);
      await closeDetails(person);
      return isDone ? 'anywhere' : 'not possible';
    },
  );

const rename: Action = {
  name: 'renames a group',
  weight: 2,
  run: inDetails(async (_group, world, person) => {
    const { page } = person;
    await button(person, 'Change the name').click();
    const title = `trip ${world.nextToken().slice(1)} 🌻`;
    await page.getByRole('textbox', { name: 'Group name' }).fill(title);
    await page.keyboard.press('Enter');
    await button(person, 'Change the name').waitFor();
    // In a narrow window the details replace the messages.
    await closeDetails(person);
    const notice = page.getByText(`You named the group “${title}”`);
    await poll(async () => {
      const { heading, isAtEnd } = await viewOf(page);
      if (!heading.includes(title)) return undefined;
      return !isAtEnd || (await notice.count()) > 0 ? true : undefined;
    }, PATIENCE);
    return true;
  }),
};

const add: Action = {
  name: 'adds a member to a group',
  weight: 3,
  run: inDetails(async ({ members }, world, person) => {
    const absent = [...world.people, ...world.others].filter(({ userId }) => !members.has(userId));
    const fitting = absent.filter(
      ({ userId }) => userId !== world.otherThan(person).userId || world.blockedBy === null,
    );
    if (fitting.length === 0) return false;
    await button(person, 'Add people').click();
    await pickPerson(person, world.random.pick(fitting).username);
    await button(person, 'Add 1 person').click();
    await person.page.getByRole('dialog').waitFor({ state: 'detached' });
    return true;
  }),
};

const remove: Action = {
  name: 'removes a member from a group',
  weight: 2,
  run: inDetails(async ({ members }, world, person) => {
    const other = world.otherThan(person);
    // A person without a network is not removed: its unsent messages would become a draft.
    const removable = [...world.others.map(nameOf), ...(other.isOnline ? [other] : [])];
    const [victim] = world.random.shuffled(removable.filter(({ userId }) => members.has(userId)));
    if (victim === undefined) return false;
    const { page } = person;
    await button(person, `Options for ${victim.name}`).click();
    await page.getByRole('menuitem', { name: 'Remove from group' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
    await button(person, `Options for ${victim.name}`).waitFor({ state: 'detached' });
    return true;
  }),
};

/** The display name of another user, with which the username begins. */
const nameOf = ({ userId, username }: Account) => {
  const [first = ''] = username.split('-');
  return { userId, name: `${first.charAt(0).toUpperCase()}${first.slice(1)}` };
};

const leave: Action = {
  name: 'leaves a group',
  weight: 1,
  async run(world, person) {
    const all = await groupsOf(world, person);
    if (all.length < 2) return 'not possible';
    const { page } = person;
    await openRow(world, person, world.random.pick(all).id);
    await openDetails(person);
    await button(person, 'Leave group').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Leave', exact: true }).click();
    await page.waitForURL((url) => url.pathname === '/');
    return 'anywhere';
  },
};

/** The other one was removed while the conversation was open: the page says so and leads to the list. */
const backToList: Action = {
  name: 'leaves a conversation that is gone',
  weight: 30,
  async run(_world, person) {
    const back = button(person, 'Back to conversations');
    if (!(await back.isVisible())) return 'not possible';
    await back.click();
    await back.waitFor({ state: 'detached' });
    return 'anywhere';
  },
};

const details: Action = {
  name: 'opens the details and closes them',
  weight: 2,
  offline: true,
  async run(_world, person) {
    if (openIn(person.page) === null || !(await button(person, 'Details').isVisible())) {
      return 'not possible';
    }
    await openDetails(person);
    await person.page.keyboard.press('Escape');
    await button(person, 'Close details').waitFor({ state: 'detached' });
    return 'anywhere';
  },
};

export const peopleActions: readonly Action[] = [
  ...[direct, group, rename, add, remove, leave, backToList, details],
];
