import type { Person } from '../person.ts';
import type { World } from '../world.ts';

/** Where the focus must be after the action; `not possible` if it was not done. */
export type Outcome = 'composer' | 'anywhere' | 'not possible';

/** Something that a person does with the app. */
export interface Action {
  readonly name: string;
  /** How often it is drawn, compared with the others. */
  readonly weight: number;
  /** Whether it can be done without a network. */
  readonly offline?: true;
  /** Does the action, unless the app does not offer it at this moment. */
  readonly run: (world: World, person: Person) => Promise<Outcome>;
}

/** Finds the element or message that an action needs, and shows it; `null` if there is none. */
export type Finding<Found> = (world: World, person: Person) => Promise<Found | null>;

/** Acts on the result of a {@link Finding}. */
type Doing<Found> = (found: Found, world: World, person: Person) => Promise<Outcome>;

/** Creates the `run` of an action that is possible only if `find` finds something. */
export function needing<Found>(find: Finding<Found>, act: Doing<Found>): Action['run'] {
  return async (world, person) => {
    const found = await find(world, person);
    return found === null ? 'not possible' : act(found, world, person);
  };
}
