import { openIn, type Person } from '../person.ts';
import { noteOpening } from '../page-steps.ts';
import type { World } from '../world.ts';
import type { Action } from './action.ts';

const offline: Action = {
  name: 'loses the network',
  weight: 3,
  async run(_world, person) {
    await person.cut('device');
    return 'anywhere';
  },
};

const cut: Action = {
  name: 'loses the connection on the way',
  weight: 3,
  async run(_world, person) {
    await person.cut('link');
    return 'anywhere';
  },
};

/** Ends an outage. A page that did not show the messages that arrive then may show an unread line. */
export async function comeBack(world: World, person: Person): Promise<void> {
  const { page } = person;
  for (const each of person.pages) {
    const id = openIn(each);
    if (id === null) continue;
    person.page = each;
    if (person.lines.get(each) !== true) await noteOpening(world, person, id);
  }
  person.page = page;
  await person.heal();
}

const back: Action = {
  name: 'has the network again',
  weight: 12,
  offline: true,
  async run(world, person) {
    if (person.isOnline) return 'not possible';
    await comeBack(world, person);
    return 'anywhere';
  },
};

const blink: Action = {
  name: 'changes from one network to another',
  weight: 3,
  run(_world, person) {
    person.wasCut = true;
    person.link.break({ cut: true });
    person.link.heal();
    return Promise.resolve('anywhere');
  },
};

export const networkActions: readonly Action[] = [offline, cut, back, blink];
