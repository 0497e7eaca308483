import type { Random } from '../random.ts';
import type { Scenario } from './scenario.ts';

/** The options of the command line. */
export interface FaultOptions {
  readonly seed: number;
  /** Whether every scenario runs at its full length. */
  readonly isFull: boolean;
  /** Only scenarios with one of these in their name, separated by commas. */
  readonly only?: string;
}

/** Seconds of a complete short run. */
const BUDGET = 360;
/** Seconds to start the cluster, and to stop it. */
const START_AND_STOP = 40;
/** Seconds that a scenario takes besides its fault: to connect, to repair, to settle. */
const OVERHEAD = 22;

/** The scenarios to run: all, those that `only` names, or a random choice that fits into six minutes. */
export function select(
  scenarios: readonly Scenario[],
  { isFull, only }: FaultOptions,
  random: Random,
): Scenario[] {
  if (only !== undefined) {
    const names = only.split(',');
    const isNamed = ({ isFullOnly = false, name }: Scenario) =>
      names.some((each) => name === each || (name.includes(each) && (isFull || !isFullOnly)));
    return scenarios.filter(isNamed);
  }
  if (isFull) return [...scenarios];
  let left = BUDGET - START_AND_STOP;
  const chosen: Scenario[] = [];
  for (const scenario of random.shuffled(scenarios.filter((each) => each.isFullOnly !== true))) {
    const cost = (scenario.shortSeconds ?? scenario.seconds) + OVERHEAD;
    if (cost > left) continue;
    left -= cost;
    chosen.push(scenario);
  }
  // In random order, so that a slow machine does not skip the same scenarios each time.
  return chosen;
}
