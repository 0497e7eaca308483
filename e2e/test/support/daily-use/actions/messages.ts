import { composer } from '../../browser.ts';
import { choose, toLog } from '../page-steps.ts';
import { viewOf } from '../page-view.ts';
import { openIn, type Person } from '../person.ts';
import type { SentMessage, World } from '../world.ts';
import { needing, type Action, type Finding } from './action.ts';

/** One of this many newest messages is drawn. */
const NEWEST = 4;

/** The messages of the open conversation that are on the page now. */
async function drawn(world: World, person: Person): Promise<readonly SentMessage[]> {
  const { messages } = await viewOf(person.page);
  const tokens = new Set(
    messages
      .filter(({ isDeleted, tick }) => !isDeleted && tick !== 'Sending' && tick !== 'Not sent')
      .map(({ text }) => text.split(/\s/, 1)[0]),
  );
  const id = openIn(person.page);
  return world.sent.filter(
    ({ conversationId, isDeleted, token }) =>
      conversationId === id && !isDeleted && tokens.has(token),
  );
}

/** Draws one of the newest messages that meet a condition. Opens a conversation if none is open. */
const messageThat =
  (fits: (message: SentMessage, person: Person) => boolean): Finding<SentMessage> =>
  async (world, person) => {
    if (!(await toLog(world, person))) return null;
    const fitting = (await drawn(world, person)).filter((message) => fits(message, person));
    return fitting.length === 0 ? null : world.random.pick(fitting.slice(-NEWEST));
  };

const anyMessage = messageThat(() => true);
const ownMessage = messageThat(({ by }, person) => by === person);

const reply: Action = {
  name: 'replies',
  weight: 4,
  run: needing(anyMessage, async ({ token: to }, world, person) => {
    await choose(person, to, 'Reply');
    const token = world.nextToken();
    const text = `${token} I answer`;
    await composer(person).fill(text);
    await person.page.keyboard.press('Enter');
    person.drafts.delete(openIn(person.page) ?? '');
    world.noteSent(person, token, text);
    return 'composer';
  }),
};

const giveUpReply: Action = {
  name: 'begins a reply and gives it up',
  weight: 1,
  run: needing(anyMessage, async ({ token }, _world, person) => {
    await choose(person, token, 'Reply');
    await person.page.keyboard.press('Escape');
    await person.page.locator('.reply-bar').waitFor({ state: 'detached' });
    return 'composer';
  }),
};

const remove: Action = {
  name: 'deletes a message',
  weight: 3,
  run: needing(ownMessage, async (message, _world, person) => {
    await choose(person, message.token, 'Delete for everyone');
    const dialog = person.page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
    message.isDeleted = true;
    return 'anywhere';
  }),
};

const info: Action = {
  name: 'looks at the message info',
  weight: 1,
  run: needing(ownMessage, async ({ token }, _world, person) => {
    await choose(person, token, 'Message info');
    await person.page.getByRole('dialog', { name: 'Message info' }).waitFor();
    await person.page.keyboard.press('Escape');
    await person.page.getByRole('dialog').waitFor({ state: 'detached' });
    return 'anywhere';
  }),
};

const copy: Action = {
  name: 'copies a text',
  weight: 1,
  run: needing(anyMessage, async ({ text, token }, _world, person) => {
    await choose(person, token, 'Copy text');
    await person.page.getByText('Copied', { exact: true }).waitFor();
    const copied = await person.page.evaluate(() => navigator.clipboard.readText());
    if (copied !== text) throw new Error(`Copied is ${JSON.stringify(copied)}, not ${text}`);
    return 'anywhere';
  }),
};

export const messageActions: readonly Action[] = [reply, giveUpReply, remove, info, copy];
