import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

import { readDailyOptions, VARIABLE } from './options.ts';

const { resolve } = createRequire(import.meta.url);
const test = fileURLToPath(new URL('../../daily/daily-use.test.ts', import.meta.url));

try {
  const options = readDailyOptions(process.argv.slice(2));
  const child = spawn(process.execPath, [resolve('mocha/bin/mocha.js'), test], {
    stdio: 'inherit',
    env: { ...process.env, [VARIABLE]: JSON.stringify(options) },
  });
  // Mocha receives Ctrl+C too: it closes its browsers and exits.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.once('exit', (code) => (process.exitCode = code ?? 1));
} catch (error) {
  console.error(
    `${(error as Error).message}\nnpm run test:daily -- [--minutes number] [--seed number] [--actions number] [--pace seconds]`,
  );
  process.exitCode = 2;
}
