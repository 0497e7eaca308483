import type { Random } from '../random.ts';
import type { Scenario } from './scenario.ts';

/** What the command line asks for. */
export interface FaultOptions {
  readonly seed: number;
  /** Every scenario at its full length. */
  readonly isFull: boolean;
  /** Only scenarios with one of these in their name, separated by commas. */
  readonly only?: string;
}

/** Seconds of a whole short run. */
const BUDGET = 360;
/** Seconds to start the cluster, and to stop it. */
const AROUND = 40;
/** Seconds that a scenario takes besides its fault: connecting, mending, settling. */
const OVERHEAD = 22;

/** The scenarios to run: all, those that are named, or as many as fit into six minutes, drawn by the seed. */
export function select(
  scenarios: readonly Scenario[],
  { isFull, only }: FaultOptions,
  random: Random,
): Scenario[] {
  if (only !== undefined) {
    const names = only.split(',');
    const isMeant = ({ isFullOnly = false, name }: Scenario) =>
      names.some((each) => name === each || (name.includes(each) && (isFull || !isFullOnly)));
    return scenarios.filter(isMeant);
  }
  if (isFull) return [...scenarios];
  let left = BUDGET - AROUND;
  const drawn: Scenario[] = [];
  for (const scenario of random.shuffled(scenarios.filter((each) => each.isFullOnly !== true))) {
    const cost = (scenario.shortSeconds ?? scenario.seconds) + OVERHEAD;
    if (cost > left) continue;
    left -= cost;
    drawn.push(scenario);
  }
  // In the order of the draw: those that a slow machine does not get to are others each time.
  return drawn;
}
