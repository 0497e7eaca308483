import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { poll } from '../poll.ts';
import type { Random } from '../faults/random.ts';
import { actionKinds, actions } from './actions/index.ts';
import type { Action, Outcome } from './actions/action.ts';
import { comeBack } from './actions/networks.ts';
import { differences, type Ending } from './invariants.ts';
import type { DailyOptions } from './options.ts';
import type { Person } from './person.ts';
import { Tally } from './tally.ts';
import type { World } from './world.ts';

/** Milliseconds within which both pages must agree with the model. */
const SETTLED = 120_000;
/** The same after an outage, in which the app may wait for its next attempt to connect. */
const RECONNECTED = 180_000;
/** Number of the last actions that an error message lists. */
const SHOWN = 20;
/** Most actions that a person does without a network before it comes back. */
const LONGEST_OUTAGE = 6;

/** Draws actions and does them until the time is over. @throws with the last actions and the differences */
export async function useDaily(
  world: World,
  options: DailyOptions,
  say: (line: string) => void,
): Promise<Tally> {
  const until = performance.now() + options.minutes * 60_000;
  const tally = new Tally(actionKinds);
  const done: string[] = [];
  const away = new Map<Person, number>();
  while (performance.now() < until && done.length < (options.actions ?? Infinity)) {
    const person = world.random.pick(world.people);
    const outageIsOver = (away.get(person) ?? 0) >= LONGEST_OUTAGE;
    const action = outageIsOver ? comingBack : draw(world.random, person);
    const line = `${String(done.length + 1)} ${person.name} ${action.name}`;
    try {
      const outcome = await action.run(world, person);
      if (outcome === 'not possible') continue;
      done.push(line);
      say(line);
      tally.add(action.name);
      away.set(person, person.isOnline ? 0 : (away.get(person) ?? 0) + 1);
      await settle(world, endingOf(person, outcome));
      await delay(options.pace * 1_000 * world.random.between(0.5, 1.5));
    } catch (error) {
      const folder = await screenshots(world, options.seed);
      const last = [...done.filter((each) => each !== line), line].slice(-SHOWN);
      throw new Error(
        `${(error as Error).message}\n\nSeed ${String(options.seed)}; the last actions:\n${last.join('\n')}\n\nScreenshots: ${folder}`,
        { cause: error },
      );
    }
  }
  for (const person of world.people) if (!person.isOnline) await comeBack(world, person);
  await settle(world, null);
  return tally;
}

const comingBack: Action = {
  name: 'has the network again',
  weight: 0,
  async run(world, person) {
    await comeBack(world, person);
    return 'anywhere';
  },
};

function draw(random: Random, person: Person): Action {
  const possible = actions.filter(({ offline }) => person.isOnline || offline === true);
  let left = random.next() * possible.reduce((sum, { weight }) => sum + weight, 0);
  return possible.find(({ weight }) => (left -= weight) < 0) ?? possible[0]!;
}

const endingOf = (by: Person, focus: Exclude<Outcome, 'not possible'>): Ending => ({ by, focus });

/** Waits until the pages and the database agree with the model. @throws with the differences */
async function settle(world: World, ending: Ending | null): Promise<void> {
  const within = world.people.some(({ wasCut }) => wasCut) ? RECONNECTED : SETTLED;
  let found: readonly string[] = [];
  const look = async () => {
    found = await differences(world, ending);
    return found.length === 0 ? true : undefined;
  };
  try {
    await poll(look, within);
  } catch (cause) {
    // If there are no differences, the comparison itself has failed.
    const what = found.length > 0 ? found.join('\n') : (cause as Error).message;
    throw new Error(`The app differs from the model:\n${what}`, { cause });
  }
  for (const person of world.people) person.wasCut = !person.isOnline;
}

async function screenshots(world: World, seed: number): Promise<string> {
  const folder = join(tmpdir(), `parley-daily-${String(seed)}`);
  await mkdir(folder, { recursive: true });
  for (const { name, pages } of world.people) {
    for (const [index, page] of pages.entries()) {
      const path = join(folder, `${name}-${String(index + 1)}.png`);
      await page.screenshot({ path }).catch(() => undefined);
    }
  }
  return folder;
}
