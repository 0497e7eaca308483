import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

import { readOptions, VARIABLE } from './options.ts';

const { resolve } = createRequire(import.meta.url);
const tests = fileURLToPath(new URL('../../../faults/faults.test.ts', import.meta.url));

try {
  const options = readOptions(process.argv.slice(2));
  const node = ['--import', 'tsx', resolve('mocha/bin/mocha.js')];
  const child = spawn(process.execPath, [...node, '--no-config', '--exit', '--bail=false', tests], {
    stdio: 'inherit',
    env: { ...process.env, [VARIABLE]: JSON.stringify(options) },
  });
  // Mocha receives Ctrl+C too: it stops its cluster and exits.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.once('exit', (code) => (process.exitCode = code ?? 1));
} catch (error) {
  console.error(
    `${(error as Error).message}\nnpm run test:faults -- [--all] [--only name] [--seed number]`,
  );
  process.exitCode = 2;
}
