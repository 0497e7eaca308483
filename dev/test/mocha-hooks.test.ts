import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { files, read } from './support/repository.ts';
import { runScript } from './support/script.ts';

const mocha = join(dirname(createRequire(import.meta.url).resolve('mocha')), 'bin', 'mocha.js');
const options = ['--no-config', '--require', './dev/src/testing/mocha-hooks.ts'];

describe('the hooks of the tests', () => {
  it('fail a run that leaves something open, name it, and end the run', async () => {
    const run = runScript(mocha, [...options, 'dev/test/fixtures/leaky-suite.ts']);
    const { code } = await run.ended;
    assert.notEqual(code, 0);
    assert.match(run.output(), /1 passing/);
    assert.match(run.output(), /left something open: .*server on \d+/);
  });

  it('pass a run that closes everything', async () => {
    const run = runScript(mocha, [...options, 'dev/test/fixtures/tidy-suite.ts']);
    assert.deepEqual(await run.ended, { code: 0, signal: null });
  });
});

describe('the time limit of tests', () => {
  it('only ends what hangs: no test has less than all others', () => {
    const { timeout } = JSON.parse(read('.mocharc.json')) as { timeout: number };
    assert.ok(timeout >= 60_000);
    const short = files('*/test/*.ts', '*/test/*.tsx').flatMap((path) =>
      [...read(path).matchAll(/(?:this|\})\)?\.timeout\((\d[\d_]*)\);/g)]
        .map(([, ms = '']) => Number(ms.replaceAll('_', '')))
        .filter((ms) => ms > 0 && ms < timeout)
        .map((ms) => `${path}: ${ms}`),
    );
    assert.deepEqual(short, []);
  });
});
