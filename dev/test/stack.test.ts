import assert from 'node:assert/strict';
import { testMongoUri, testRedisUrl } from '@parley/backend-common/testing';
import { readLaunchConfig } from '../src/config.ts';
import { LaunchError } from '../src/launch-error.ts';
import { type Stack, startStack } from '../src/stack.ts';
import { partOf, readStack, type Site, withSite } from './support/launch.ts';

const say = () => undefined;

async function withStack(
  { env, args }: { env: Site['env']; args: readonly string[] },
  body: (stack: Stack) => Promise<void>,
): Promise<void> {
  const config = readLaunchConfig({ ...process.env, ...env }, args);
  const stack = await startStack(config, { say });
  try {
    await body(stack);
  } finally {
    await stack.close();
  }
}

/** Kills one part and waits until it has been started again. */
async function killOne(stack: Stack, name: string) {
  const before = partOf(stack.parts(), name);
  const again = stack.restarted(name);
  process.kill(before.pid, 'SIGKILL');
  return { before, after: await again };
}

describe('a stack of several nodes', function () {
  this.timeout(60_000);

  it('runs each part as a process of its own behind the one origin', () =>
    withSite(async ({ env, dataDir }) => {
      const surroundings = { ...env, REDIS_URL: testRedisUrl() };
      await withStack({ env: surroundings, args: ['--nodes', '2'] }, async (stack) => {
        const parts = stack.parts();
        assert.deepEqual(parts.map(({ name }) => name).toSorted(), [
          'auth',
          'messaging-1',
          'messaging-2',
          'web',
        ]);
        assert.equal(new Set(parts.map(({ pid }) => pid)).size, 4);
        assert.equal(partOf(parts, 'web').url, stack.origin);
        assert.deepEqual(await readStack(dataDir), { origin: stack.origin, parts });
      });
    }));

  it('starts parts that were killed again, at the same addresses, and lists their new processes', () =>
    withSite(async ({ env, dataDir }) => {
      const surroundings = { ...env, MONGODB_URI: undefined };
      await withStack({ env: surroundings, args: ['--nodes', '1'] }, async (stack) => {
        const names = ['messaging-1', 'auth', 'web', 'redis', 'mongod'];
        for (const { before, after } of await Promise.all(names.map((n) => killOne(stack, n)))) {
          assert.notEqual(after.pid, before.pid);
          assert.deepEqual({ ...after, pid: 0 }, { ...before, pid: 0 });
          assert.deepEqual(partOf((await readStack(dataDir)).parts, after.name), after);
        }
      });
    }));
});

describe('a stack', () => {
  it('stops what it had started when a later part does not start', () =>
    withSite(async ({ env }) => {
      const config = readLaunchConfig({ ...env, PARLEY_ORIGINS: 'no origin' });
      await assert.rejects(startStack(config, { say }), (error) => {
        assert.ok(error instanceof LaunchError);
        assert.match(error.message, /^auth did not start: .*PARLEY_ORIGINS.*$/);
        return true;
      });
      const sound = { ...env, MONGODB_URI: testMongoUri() };
      await withStack({ env: sound, args: [] }, (stack) => {
        assert.equal(stack.parts().length, 3);
        return Promise.resolve();
      });
    }));
});
