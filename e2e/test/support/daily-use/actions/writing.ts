import { composer, type Someone } from '../../browser.ts';
import { openIn, type Person } from '../person.ts';
import { toComposer, toLog } from '../page-steps.ts';
import type { World } from '../world.ts';
import type { Action, Outcome } from './action.ts';

type Field = Pick<Someone, 'page'>;

/** Enters a text into the message field. */
type Entering = (field: Field, text: string) => Promise<void>;

const fill: Entering = (field, text) => composer(field).fill(text);

/** Types key by key, wherever the focus is: the app must move it to the message field. */
const type: Entering = async ({ page }, text) => {
  await page.keyboard.type(text);
};

const paste: Entering = async (field, text) => {
  const { page } = field;
  await composer(field).focus();
  await page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
  await page.keyboard.press('Control+v');
};

/** Line by line, with Shift and Enter between them. */
const typeLines: Entering = async (field, text) => {
  await composer(field).focus();
  for (const [index, line] of text.split('\n').entries()) {
    if (index > 0) await field.page.keyboard.press('Shift+Enter');
    await field.page.keyboard.insertText(line);
  }
};

const WORDS = 'and then we took the old road along the river until it was dark ';

const KINDS: readonly (readonly [string, (token: string) => string, Entering])[] = [
  ['a short text', (token) => `${token} see you at seven`, fill],
  ['a typed text', (token) => `${token} typed by hand`, type],
  ['a long text', (token) => `${token} ${WORDS.repeat(40).trim()}`, fill],
  ['thirty lines', (token) => [token, ...Array<string>(29).fill('a line')].join('\n'), fill],
  ['emoji', (token) => `${token} 😀👨‍👩‍👧‍👦🏳️‍🌈 ok`, fill],
  ['Hebrew', (token) => `${token} שלום, נתראה מחר בשעה 7`, fill],
  ['Chinese and a link', (token) => `${token} 请看 https://example.com/a。谢谢`, fill],
  ['code', (token) => `${token} look:\n\`\`\`\nconst a = [1, 2];\nif (a) b();\n\`\`\``, fill],
  ['*emphasis*', (token) => `${token} *bold* and _italic_ and ~gone~`, fill],
  ['five pasted lines', (token) => [token, 'one', 'two', 'three', 'four'].join('\n'), paste],
  ['three typed lines', (token) => [`${token} first`, 'second', 'third'].join('\n'), typeLines],
];

/** Writes a message in the open conversation and sends it, together with a draft that was there. */
async function write(
  world: World,
  person: Person,
  [, textOf, enter]: (typeof KINDS)[number],
): Promise<Outcome> {
  if (!(await toLog(world, person))) return 'not possible';
  const id = openIn(person.page) ?? '';
  await composer(person).fill('');
  person.drafts.delete(id);
  const token = world.nextToken();
  const text = textOf(token);
  await enter(person, text);
  await person.page.keyboard.press('Enter');
  world.noteSent(person, token, text);
  return 'composer';
}

const writing: readonly Action[] = KINDS.map((kind) => ({
  name: `sends ${kind[0]}`,
  weight: 2,
  offline: true,
  run: (world, person) => write(world, person, kind),
}));

/** Sends several messages without waiting. */
const burst: Action = {
  name: 'sends four messages at once',
  weight: 2,
  offline: true,
  async run(world, person) {
    for (let count = 0; count < 4; count += 1) {
      if ((await write(world, person, KINDS[0]!)) === 'not possible') return 'not possible';
    }
    return 'composer';
  },
};

/** Leaves a text in the message field. */
const draft: Action = {
  name: 'leaves a draft',
  weight: 3,
  offline: true,
  async run(world, person) {
    if (!(await toComposer(world, person))) return 'not possible';
    const id = openIn(person.page) ?? '';
    const text = `half a thought ${world.nextToken()}`;
    await composer(person).fill(text);
    person.drafts.set(id, text);
    return 'anywhere';
  },
};

export const writingActions: readonly Action[] = [...writing, burst, draft];
