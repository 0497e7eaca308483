import { readArguments, refuseSwallowedArguments, USAGE } from './arguments.ts';
import { type Environment, processEnvironment, readLaunchConfig } from './config.ts';
import { LaunchError, UsageError } from './launch-error.ts';
import { startStack } from './stack.ts';

/** Longer than any part may take to stop. The watchdog stops the processes that still run then. */
const STOP_TIMEOUT_MS = 60_000;
const PARENT_POLL_MS = 500;

function say(line: string): void {
  console.log(line);
}

/** Aborts on the first SIGINT or SIGTERM. Under npm, Ctrl+C arrives twice; the second signal changes nothing. */
function untilAskedToStop(env: Environment): AbortSignal {
  const asked = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => asked.abort());
  }
  if (env['npm_lifecycle_event'] !== undefined) whenParentEnds(() => asked.abort());
  return asked.signal;
}

/** npm signals the shell between it and the launcher, and that shell may end without passing the signal on. */
function whenParentEnds(act: () => void): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) act();
  }, PARENT_POLL_MS).unref();
}

async function run(args: readonly string[]): Promise<void> {
  if (readArguments(args).help) {
    say(USAGE);
    return;
  }
  const env = processEnvironment();
  refuseSwallowedArguments(env);
  const config = readLaunchConfig(env, args);
  const signal = untilAskedToStop(env);
  try {
    const stack = await startStack(config, { say, signal });
    say(`Parley is ready at ${stack.origin}`);
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    say('Stopping');
    setTimeout(() => process.exit(2), STOP_TIMEOUT_MS).unref();
    await stack.close();
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

// The reader of the output may have ended before the launcher.
process.stdout.on('error', () => undefined);

try {
  await run(process.argv.slice(2));
  process.exit(0);
} catch (error) {
  console.error(error instanceof LaunchError ? error.message : error);
  process.exit(error instanceof UsageError ? 2 : 1);
}
