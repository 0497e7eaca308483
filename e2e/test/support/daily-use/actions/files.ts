import { give, noise, pick, picture, pictures, send, type Given } from '../../files.ts';
import { toLog } from '../page-steps.ts';
import { isFirefox, type Person } from '../person.ts';
import type { Action } from './action.ts';

const text = (name: string): Given => {
  return { name, mimeType: 'text/plain', buffer: Buffer.from('one line\n') };
};

const FILES: readonly (() => Given)[] = [
  () => picture('view.png', 320, 180),
  () => picture('tall.png', 120, 300),
  () => noise('photo.png', 200, 150),
  () => text('notes.txt'),
  () => ({ name: 'data.bin', mimeType: '', buffer: Buffer.alloc(4_000, 7) }),
];

const choose = (person: Person, files: Given | readonly Given[]): Promise<void> =>
  isFirefox(person) ? give(person, files) : pick(person, files);

const one: Action = {
  name: 'sends a file with a caption',
  weight: 4,
  async run(world, person) {
    if (!(await toLog(world, person))) return 'not possible';
    await choose(person, world.random.pick(FILES)());
    const token = world.nextToken();
    await send(person, `${token} a file`);
    world.noteSent(person, token, `${token} a file`);
    return 'composer';
  },
};

const several: Action = {
  name: 'sends three pictures with one caption',
  weight: 2,
  async run(world, person) {
    if (!(await toLog(world, person))) return 'not possible';
    await choose(person, [picture('1.png'), picture('2.png', 300, 300), picture('3.png', 90, 160)]);
    const token = world.nextToken();
    await send(person, `${token} three pictures`);
    world.noteBareFile(person);
    world.noteBareFile(person);
    world.noteSent(person, token, `${token} three pictures`);
    return 'composer';
  },
};

const giveUp: Action = {
  name: 'chooses a file and does not send it',
  weight: 1,
  offline: true,
  async run(world, person) {
    if (!(await toLog(world, person))) return 'not possible';
    await choose(person, world.random.pick(FILES)());
    await person.page.keyboard.press('Escape');
    await person.page.getByRole('dialog').waitFor({ state: 'detached' });
    return 'composer';
  },
};

/** Escape and Back must close the viewer, but not the conversation. */
const viewer: Action = {
  name: 'looks at a picture',
  weight: 3,
  async run(world, person) {
    if (!(await toLog(world, person))) return 'not possible';
    const { page } = person;
    if ((await pictures(person).count()) === 0) return 'not possible';
    const before = page.url();
    await pictures(person).last().click();
    const dialog = page.getByRole('dialog', { name: 'Image viewer' });
    await dialog.waitFor();
    await page.keyboard.press(world.random.pick(['ArrowLeft', '+', '0']));
    if (world.random.next() < 0.5) await page.keyboard.press('Escape');
    else await page.goBack();
    await dialog.waitFor({ state: 'detached' });
    await page.waitForURL(before);
    return 'anywhere';
  },
};

export const fileActions: readonly Action[] = [one, several, giveUp, viewer];
