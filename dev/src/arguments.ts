import { parseArgs } from 'node:util';
import type { Environment } from '@parley/backend-common';
import leven from 'leven';
import { z } from 'zod';
import { UsageError } from './launch-error.ts';

/** What `npm start -- --help` prints. */
export const USAGE = `npm start [-- --nodes <n> --mongo <n>]

  --nodes <n>       run n messaging nodes, each part as a process of its own, with Redis
  --mongo <n>       run a MongoDB replica set of 1, 3 or 5 members, 1 if not set
  --help            print this

  PORT              port of the web app, 8080 if not set
  HOST              address to listen on, 127.0.0.1 if not set
  PARLEY_DATA_DIR   where everything is kept, .parley if not set
  MONGODB_URI       a MongoDB replica set to use instead of starting one
  REDIS_URL         a Redis to use instead of starting one
  S3_ENDPOINT       an object store to use instead of starting one, with S3_BUCKET and its keys`;

/** The command line of `npm start`. */
export interface Arguments {
  readonly help: boolean;
  /** Number of messaging nodes; undefined runs all services in one process. */
  readonly nodes: number | undefined;
  /** Members of the replica set that is started; undefined where the command line does not say. */
  readonly mongo: number | undefined;
}

const OPTIONS = {
  nodes: { type: 'string' },
  mongo: { type: 'string' },
  help: { type: 'boolean' },
} as const;
const NAMES = Object.keys(OPTIONS).map((name) => `--${name}`);
const LIST = 'The options are --nodes <n>, --mongo <n> and --help.';
const EXAMPLE = 'npm start -- --nodes 3';
/** A word with more changed letters than this is another word, not a typing mistake. */
const MOST_MISTAKES = 3;

const nodesSchema = z.coerce.number().int().min(1).max(32);
/** With an even number of members, a majority is as easily lost as with one member less. */
const MONGO_SIZES = new Set(['1', '3', '5']);

function meant(given: string): string {
  const [nearest] = NAMES.map((name) => ({ name, mistakes: leven(name, given) })).toSorted(
    (one, other) => one.mistakes - other.mistakes,
  );
  return nearest !== undefined && nearest.mistakes <= MOST_MISTAKES
    ? `Did you mean ${nearest.name}? `
    : '';
}

function readNodes(given: string | undefined): number {
  const nodes = nodesSchema.safeParse(given || undefined);
  if (nodes.success) return nodes.data;
  const problem = given ? `, and ${given} is none` : '';
  throw new UsageError(`--nodes has to be a number from 1 to 32${problem}: ${EXAMPLE}`);
}

function readMongo(given: string | undefined): number {
  if (given !== undefined && MONGO_SIZES.has(given)) return Number(given);
  const problem = given ? `, not ${given}` : '';
  throw new UsageError(
    `--mongo has to be 1, 3 or 5${problem}, so that a majority survives the loss of a member: npm start -- --nodes 3 --mongo 3`,
  );
}

/** Reads the command line. Throws `UsageError` for what it does not know. */
export function readArguments(args: readonly string[]): Arguments {
  const { tokens } = parseArgs({
    ...{ args: [...args], options: OPTIONS, tokens: true },
    ...{ strict: false, allowPositionals: true },
  });
  let help = false;
  let nodes: number | undefined;
  let mongo: number | undefined;
  for (const token of tokens) {
    if (token.kind === 'positional') {
      throw new UsageError(`Unknown argument ${token.value}. ${LIST} For example: ${EXAMPLE}`);
    }
    if (token.kind === 'option-terminator') continue;
    if (token.name === 'help') help = true;
    else if (token.name === 'nodes') nodes = readNodes(token.value);
    else if (token.name === 'mongo') mongo = readMongo(token.value);
    else throw new UsageError(`Unknown option ${token.rawName}. ${meant(token.rawName)}${LIST}`);
  }
  return { help, nodes, mongo };
}

/**
 * Without `--` npm reads an option itself: it only warns, and passes the option on as a variable. Throws `UsageError`,
 * so that a user who asks for three nodes does not get one.
 */
export function refuseSwallowedArguments(env: Environment): void {
  const swallowed = Object.keys(OPTIONS).find((name) => env[`npm_config_${name}`] !== undefined);
  if (swallowed === undefined) return;
  throw new UsageError(`npm kept --${swallowed} for itself. Put -- before it: ${EXAMPLE}`);
}
