import { processEnvironment, readLaunchConfig, USAGE } from './config.ts';
import { LaunchError } from './launch-error.ts';
import { startStack } from './stack.ts';

/** Longer than any part gets to stop; what is still there then is ended by the watchdog. */
const STOP_TIMEOUT_MS = 60_000;

function say(line: string): void {
  console.log(line);
}

/** Aborts on the first SIGINT or SIGTERM. A terminal's Ctrl-C comes twice under npm: the second one changes nothing. */
function untilAskedToStop(): AbortSignal {
  const asked = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => asked.abort());
  }
  return asked.signal;
}

async function run(args: readonly string[]): Promise<void> {
  if (args.includes('--help')) {
    say(USAGE);
    return;
  }
  const signal = untilAskedToStop();
  const config = readLaunchConfig(processEnvironment(), args);
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

try {
  await run(process.argv.slice(2));
  process.exit(0);
} catch (error) {
  console.error(error instanceof LaunchError ? error.message : error);
  process.exit(1);
}
