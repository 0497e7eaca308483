import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { testMongoUri } from '@parley/backend-common/testing';

import { sendRequest } from './support/send-request.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

function run(env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, ['--import', 'tsx', '--conditions=source', MAIN], {
    env: { PATH: process.env['PATH'], PARLEY_LOG_LEVEL: 'silent', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const output = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output.err += chunk.toString()));
  return { child, exited, output };
}

describe('the process of the web service', function () {
  it('logs its URL, and ends cleanly on a signal', async () => {
    const { child, exited, output } = run({
      MONGODB_URI: testMongoUri(),
      PARLEY_SECRET: 'a secret of the tests, 32 bytes or more',
      PARLEY_AUTH_URL: 'http://127.0.0.1:1',
      PARLEY_MESSAGING_URL: 'http://127.0.0.1:1',
    });
    while (!output.out.includes('\n')) await once(child.stdout, 'data');
    const url = /listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(output.out)?.[1] ?? '';
    assert.equal((await sendRequest(`${url}/healthz`)).status, 200);
    assert.equal((await sendRequest(`${url}/readyz`)).status, 503);
    child.kill('SIGTERM');
    assert.equal((await exited)[0], 0);
  });

  it('names every fault of its configuration and ends with 1', async () => {
    const { exited, output } = run({ PARLEY_SECRET: 'short' });
    assert.equal((await exited)[0], 1);
    for (const name of [
      'MONGODB_URI',
      'PARLEY_SECRET',
      'PARLEY_AUTH_URL',
      'PARLEY_MESSAGING_URL',
    ]) {
      assert.match(output.err, new RegExp(name));
    }
    assert.doesNotMatch(output.err, / at .*\.ts/);
  });
});
