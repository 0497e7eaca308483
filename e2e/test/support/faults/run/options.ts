import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';

import type { FaultOptions } from './selection.ts';

/** The environment variable that passes the options to the process of mocha. */
export const VARIABLE = 'PARLEY_TEST_FAULTS';

/** Reads `--all`, `--only <name>` and `--seed <n>`. @throws TypeError for anything else */
export function readOptions(args: readonly string[]): FaultOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      all: { type: 'boolean', default: false },
      only: { type: 'string' },
      seed: { type: 'string' },
    },
  });
  const seed = values.seed === undefined ? defaultSeed() : Number(values.seed);
  if (!Number.isSafeInteger(seed) || seed < 0) throw new TypeError('--seed takes a whole number');
  const { all, only } = values;
  return { seed, isFull: all, ...(only === undefined ? {} : { only }) };
}

/** A seed that changes with each day and each commit. */
function defaultSeed(): number {
  const today = Number(new Date().toISOString().slice(0, 10).replaceAll('-', ''));
  try {
    const commit = execFileSync('git', ['rev-parse', '--short=6', 'HEAD'], { encoding: 'utf8' });
    return (today ^ Number.parseInt(commit, 16)) >>> 0;
  } catch {
    return today;
  }
}
