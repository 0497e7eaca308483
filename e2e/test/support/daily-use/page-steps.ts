import type { Locator, Page } from 'playwright-core';

import { composer } from '../browser.ts';
import { unreadOf, type StoredConversation } from './stored-conversations.ts';
import { isNarrow, openIn, type Person } from './person.ts';
import type { World } from './world.ts';

/** Most panels, one above the other, that Escape has to close. */
const DEEPEST = 4;

export const button = ({ page }: { readonly page: Page }, name: string | RegExp): Locator =>
  page.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name });

/** Closes settings and other panels. */
export async function closePanels({ page }: Person): Promise<void> {
  for (let depth = 0; depth < DEEPEST && page.url().includes('panel='); depth += 1) {
    const before = page.url();
    await page.keyboard.press('Escape');
    await page.waitForURL((url) => url.href !== before);
  }
}

/** Shows the conversation list. */
export async function showList(person: Person): Promise<void> {
  const { page } = person;
  await closePanels(person);
  if (!isNarrow(page) || openIn(page) === null) return;
  if (page.url().includes('/details')) await button(person, 'Close details').click();
  await button(person, 'Back').filter({ visible: true }).click();
  await page.waitForURL((url) => !url.pathname.startsWith('/c/'));
}

/** Records whether a conversation that is about to be opened may show an unread line. */
export async function noteOpening(world: World, person: Person, id: string): Promise<void> {
  person.lines.set(person.page, await isUnread(world, person, id));
}

/** Whether a conversation has messages that the person has not read on any device. */
export async function isUnread(world: World, person: Person, id: string): Promise<boolean> {
  const conversation = (await world.database.read()).get(id);
  const member = conversation?.members.get(person.userId);
  return conversation !== undefined && member !== undefined && unreadOf(conversation, member) > 0;
}

/** Opens a conversation by its row in the list. */
export async function openRow(world: World, person: Person, id: string): Promise<void> {
  await closePanels(person);
  if (openIn(person.page) === id) return;
  await showList(person);
  await noteOpening(world, person, id);
  await person.page.locator(`[data-conversation="${id}"]`).click();
  await person.page.waitForURL(`**/c/${id}`);
  await isOpen(person);
}

/** Waits until a conversation is shown: with the message field, or with the note that one user has blocked the other. */
export async function isOpen({ page }: Person): Promise<void> {
  await composer({ page }).or(page.locator('.blocked-notice')).waitFor();
}

/** The conversations that the list of a person must show. An empty one is shown only to the person who opened it. */
export async function conversationsOf(
  world: World,
  person: Person,
): Promise<readonly StoredConversation[]> {
  const stored = await world.database.read();
  return [...stored.values()].filter(
    ({ kind, members, messages }) =>
      members.get(person.userId)?.isArchived === false && (kind === 'group' || messages.length > 0),
  );
}

/** Opens a conversation that the person can write to, unless one is open. Returns whether there is one. */
export async function toComposer(world: World, person: Person): Promise<boolean> {
  await closePanels(person);
  const now = (await world.database.read()).get(openIn(person.page) ?? '');
  // The open conversation may be empty, and then not be in the list.
  const isFine =
    now?.members.has(person.userId) === true &&
    !world.isClosed(now) &&
    (await composer(person).isVisible());
  if (isFine) return true;
  const all = await conversationsOf(world, person);
  const open = all.filter((each) => !world.isClosed(each));
  if (open.length === 0) return false;
  await openRow(world, person, world.random.pick(open).id);
  return composer(person).isVisible();
}

/** Shows the messages of a conversation that the person can write to. Returns whether there is one. */
export async function toLog(world: World, person: Person): Promise<boolean> {
  if (!(await toComposer(world, person))) return false;
  await closeDetails(person);
  return true;
}

/** The message that begins with a token, but not the messages that quote it. */
export const messageOf = ({ page }: Person, token: string): Locator =>
  page.getByRole('article').filter({
    has: page.locator('.message-words', { hasText: new RegExp(`^\\s*${token}(?!\\d)`) }),
  });

/** Opens the menu of a message and chooses one of its actions. */
export async function choose(person: Person, token: string, action: string): Promise<void> {
  const message = messageOf(person, token).last();
  await message.hover();
  await message.getByRole('button', { name: 'Message actions' }).click();
  await person.page.getByRole('menuitem', { name: action }).click();
}

/** Opens the details of the open conversation. */
export async function openDetails(person: Person): Promise<void> {
  if (person.page.url().includes('/details')) return;
  await button(person, 'Details').click();
  await button(person, 'Close details').waitFor();
}

/** Closes the details, if they are open. */
export async function closeDetails(person: Person): Promise<void> {
  if (!person.page.url().includes('/details')) return;
  await button(person, 'Close details').click();
  await button(person, 'Close details').waitFor({ state: 'detached' });
}
