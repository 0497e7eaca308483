import { ConfigError, setUpBucket } from '@parley/backend-common';

import { processEnvironment, readSetupConfig } from './config.ts';

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** What went wrong in one line: a store's answer has a name and says more than where in the code it came. */
function describe(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  return error instanceof Error
    ? `The store refused: ${error.name}: ${error.message}`
    : String(error);
}

try {
  const { origins, store } = readSetupConfig(processEnvironment());
  await setUpBucket(store, origins, say);
} catch (error) {
  process.stderr.write(`${describe(error)}\n`);
  process.exitCode = 1;
}
