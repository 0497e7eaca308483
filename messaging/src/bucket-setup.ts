import { ConfigError, setUpBucket } from '@parley/backend-common';

import { processEnvironment, readSetupConfig } from './config.ts';

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Describes an error in one line. For a refusal of the store its name and message are useful, and the stack is not. */
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
