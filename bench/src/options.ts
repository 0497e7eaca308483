import { parseArgs } from 'node:util';

import { ATTACKS, type AttackName } from './abuse/job.ts';
import { FIGURES, type FigureName, type Scale, TARGETS, type TargetName } from './job.ts';
import { FORM_NAMES, type FormName } from './store-forms/forms.ts';

/** The options of a run. */
export interface Options {
  readonly figures: readonly FigureName[];
  readonly targets: readonly TargetName[];
  readonly rounds: number;
  readonly scale: Scale;
  /** Multiplies all warm-up times. */
  readonly warmUp: number;
  /** Seconds to measure, instead of each figure's default. */
  readonly seconds: number | undefined;
  readonly quick: boolean;
  /** Whether a missed floor makes the run fail. */
  readonly check: boolean;
  readonly cpuProfile: boolean;
  /** Attacks to measure beside honest users, instead of the figures. */
  readonly abuse: readonly AttackName[] | undefined;
  /** Whether to measure what single operations cost, instead of the figures. */
  readonly costs: boolean;
  /** Forms of a stored message to compare, instead of the figures. */
  readonly storeForms: readonly FormName[] | undefined;
  /** Messages of each form, and the conversations that they are spread over. */
  readonly messages: number;
  readonly conversations: number;
  /** A profile to summarise instead of measuring. */
  readonly summarise: string | undefined;
}

/** A mistake in the command line; the message says how to correct it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const USAGE = `npm run bench -- [options]

  --figures A,B,nodes,F,hot,hot3,C,D,E,G,H   what to measure (all)
  --targets relay,insert,group,parley
  --rounds N                  interleaved rounds (3; 1 with --store-forms)
  --seconds N                 measured time of A, B, nodes, hot, hot3, C and G, or of an attack
  --quick                     one short, small round, to see that everything works
  --check                     exit with 1 if a floor is missed
  --cpu-prof                  profile the servers into bench/results and say what they spent their time on
  --abuse                     what attacks cost honest users, instead of the figures
  --attacks reconnects,…      only these attacks
  --costs                     what reconnects and watches cost the node and the store, instead of the figures
  --store-forms               what a message costs MongoDB in different forms, instead of the figures
  --forms today,zstd,…        only these forms
  --messages N                messages of each form (1,000,000)
  --conversations N           conversations that they are spread over (10,000)
  --summarise FILE            only say what is in a .cpuprofile
`;

const FULL: Scale = {
  pairs: 200,
  members: 500,
  missed: 10_000,
  away: 3,
  idle: [2_000, 5_000],
  storm: 2_000,
  expiring: 10_000,
  watched: 500,
};
const SMALL: Scale = {
  ...FULL,
  ...{ missed: 2_000, away: 1, idle: [250, 500], storm: 500, expiring: 1_000, watched: 50 },
};
const ROUNDS = 3;
const STORED = { messages: 1_000_000, conversations: 10_000 };
const STORED_QUICK = { messages: 4_000, conversations: 100 };

const DECLARED = {
  figures: { type: 'string' },
  targets: { type: 'string' },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  quick: { type: 'boolean', default: false },
  check: { type: 'boolean', default: false },
  'cpu-prof': { type: 'boolean', default: false },
  abuse: { type: 'boolean', default: false },
  attacks: { type: 'string' },
  costs: { type: 'boolean', default: false },
  'store-forms': { type: 'boolean', default: false },
  forms: { type: 'string' },
  messages: { type: 'string' },
  conversations: { type: 'string' },
  summarise: { type: 'string' },
} as const;

/** Reads the command line. @throws UsageError */
export function readOptions(args: readonly string[]): Options {
  const values = parse(args);
  const { quick } = values;
  const stored = quick ? STORED_QUICK : STORED;
  return {
    figures: choose('figures', values.figures, FIGURES),
    targets: choose('targets', values.targets, TARGETS),
    rounds: positive('rounds', values.rounds) ?? (quick || values['store-forms'] ? 1 : ROUNDS),
    scale: quick ? SMALL : FULL,
    warmUp: quick ? 0.3 : 1,
    seconds: positive('seconds', values.seconds) ?? (quick ? 2 : undefined),
    quick,
    check: values.check,
    cpuProfile: values['cpu-prof'],
    abuse: values.abuse ? choose('attacks', values.attacks, ATTACKS) : undefined,
    costs: values.costs,
    storeForms: values['store-forms'] ? choose('forms', values.forms, FORM_NAMES) : undefined,
    messages: positive('messages', values.messages) ?? stored.messages,
    conversations: positive('conversations', values.conversations) ?? stored.conversations,
    summarise: values.summarise,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: DECLARED }).values;
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function choose<Name extends string>(
  option: string,
  given: string | undefined,
  known: readonly Name[],
): readonly Name[] {
  if (given === undefined) return known;
  return given.split(',').map((word) => {
    const name = known.find((each) => each.toLowerCase() === word.trim().toLowerCase());
    if (name !== undefined) return name;
    throw new UsageError(`--${option}: ${word} is not one of ${known.join(', ')}`);
  });
}

function positive(option: string, given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const number = Number(given);
  if (Number.isInteger(number) && number > 0) return number;
  throw new UsageError(`--${option}: ${given} is not a positive integer`);
}
