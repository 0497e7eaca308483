import type { Person } from '../person.ts';
import type { World } from '../world.ts';

/** What an action has done, and where the focus is then. */
export type Outcome = 'composer' | 'anywhere' | 'not possible';

/** Something that a person does with the app. */
export interface Action {
  readonly name: string;
  /** How often it is drawn, compared with the others. */
  readonly weight: number;
  /** Whether it can be done without a network. */
  readonly offline?: true;
  /** Does it. Answers `not possible` if the app does not offer it at this moment. */
  readonly run: (world: World, person: Person) => Promise<Outcome>;
}

/** Finds what an action needs and brings it to the screen; `null` if it is not there. */
export type Finding<Found> = (world: World, person: Person) => Promise<Found | null>;

/** Does something with what was found. */
type Doing<Found> = (found: Found, world: World, person: Person) => Promise<Outcome>;

/** The `run` of an action that is not possible where `find` finds nothing. */
export function needing<Found>(find: Finding<Found>, act: Doing<Found>): Action['run'] {
  return async (world, person) => {
    const found = await find(world, person);
    return found === null ? 'not possible' : act(found, world, person);
  };
}
