import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { testRedisUrl } from '@parley/backend-common/testing';
import { freePort } from '../src/engines/ports.ts';
import { isAlive } from '../src/processes/process-identity.ts';
import { readStack, withSite } from './support/launch.ts';
import { runNpm } from './support/npm.ts';

const READY = /^Parley is ready at (http:\/\/127\.0\.0\.1:\d+)$/;

async function environmentOf(pid: number): Promise<Record<string, string>> {
  const text = await readFile(`/proc/${pid}/environ`, 'utf8');
  const pairs = text.split('\0').map((line) => {
    const [name = '', ...value] = line.split('=');
    return [name, value.join('=')] as const;
  });
  return Object.fromEntries(pairs);
}

describe('npm start as it is typed', function () {
  this.timeout(90_000);

  it('passes its arguments to the launcher, and stops every part on SIGTERM to npm', () =>
    withSite(async ({ dataDir, env }) => {
      const port = String(await freePort());
      const environment = { ...env, PORT: port, REDIS_URL: testRedisUrl(), CANARY: 'sings' };
      const run = runNpm(['start', '--', '--nodes', '2'], environment);
      assert.equal(READY.exec(await run.line(READY))?.[1], `http://127.0.0.1:${port}`);
      const { parts } = await readStack(dataDir);
      assert.deepEqual(parts.map(({ name }) => name).toSorted(), [
        'auth',
        'messaging-1',
        'messaging-2',
        'object-store',
        'web',
      ]);
      if (process.platform === 'linux') {
        for (const { name, pid } of parts) {
          const seen = await environmentOf(pid);
          assert.equal(seen['CANARY'], undefined, name);
          assert.equal(seen['PORT'] === port, name === 'web', name);
        }
      }
      run.process.kill('SIGTERM');
      assert.deepEqual(await run.ended, { code: 0, signal: null });
      assert.deepEqual(
        parts.filter(({ pid }) => isAlive(pid)),
        [],
      );
    }));

  it('stops every part on the Ctrl+C of a terminal, which reaches npm and the launcher', () =>
    withSite(async ({ dataDir, env }) => {
      const run = runNpm(['start', '--', '--nodes', '1'], {
        ...env,
        REDIS_URL: testRedisUrl(),
      });
      await run.line(READY);
      const { parts } = await readStack(dataDir);
      assert.equal(parts.length, 4);
      process.kill(-run.pid, 'SIGINT');
      assert.deepEqual(await run.ended, { code: 0, signal: null });
      assert.deepEqual(
        parts.filter(({ pid }) => isAlive(pid)),
        [],
      );
    }));

  for (const [args, message] of [
    [['start', '--', '--node', '3'], /^Unknown option --node\. Did you mean --nodes\?/m],
    [['start', '--', '--nodes', 'many'], /^--nodes has to be a number from 1 to 32, and many/m],
    [['start', '--nodes=3'], /^npm kept --nodes for itself\./m],
  ] as const) {
    it(`ends with exit code 2 and a hint for npm ${args.join(' ')}`, () =>
      withSite(async ({ env }) => {
        const run = runNpm(args, env);
        assert.deepEqual(await run.ended, { code: 2, signal: null });
        assert.match(run.output(), message);
      }));
  }

  it('prints its usage for --help', () =>
    withSite(async ({ env }) => {
      const run = runNpm(['start', '--', '--help'], env);
      assert.deepEqual(await run.ended, { code: 0, signal: null });
      assert.match(run.output(), /^ {2}--nodes <n> +run n messaging nodes/m);
    }));
});
