import { parseArgs } from 'node:util';

/** How long the two people use the app, and which actions are drawn. */
export interface DailyOptions {
  readonly seed: number;
  readonly minutes: number;
  /** The run ends after this many actions if they come before the end of the minutes; `null`: no limit. */
  readonly actions: number | null;
  /** Seconds from the end of one action to the next, on average. */
  readonly pace: number;
}

/** The default pace: a person does something every few seconds, and leaves CPU time to other test suites. */
const PACE = 3;
/** Fewest actions in a minute. Even an overloaded machine does more. */
const LEAST_A_MINUTE = 4;

/** The number of actions below which a run proves too little and fails. */
export const leastActions = ({ actions, minutes }: DailyOptions): number =>
  Math.min(actions ?? Infinity, Math.ceil(minutes * LEAST_A_MINUTE));

/** The environment variable that passes the options to the process of mocha. */
export const VARIABLE = 'PARLEY_TEST_DAILY';

/** Reads `--minutes <n>`, `--seed <n>`, `--actions <n>` and `--pace <n>`. @throws TypeError for anything else */
export function readDailyOptions(args: readonly string[]): DailyOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string' },
      seed: { type: 'string' },
      actions: { type: 'string' },
      pace: { type: 'string' },
    },
  });
  const minutes = numberOf('minutes', values.minutes) ?? (values.actions === undefined ? 10 : 60);
  const seed = numberOf('seed', values.seed) ?? Math.floor(Math.random() * 2 ** 31);
  const actions = numberOf('actions', values.actions) ?? null;
  return { minutes, seed, actions, pace: numberOf('pace', values.pace) ?? PACE };
}

function numberOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new TypeError(`--${name} takes a number`);
  return value;
}
