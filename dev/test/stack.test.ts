import assert from 'node:assert/strict';
import {
  objectStoreVariables,
  testMongoUri,
  testObjectStoreSettings,
  testRedisUrl,
} from '@parley/backend-common/testing';
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
  this.timeout(240_000);

  it('runs each part as a separate process behind one origin', () =>
    withSite(async ({ env, dataDir }) => {
      const environment = { ...env, REDIS_URL: testRedisUrl() };
      await withStack({ env: environment, args: ['--nodes', '2'] }, async (stack) => {
        const parts = stack.parts();
        assert.deepEqual(parts.map(({ name }) => name).toSorted(), [
          'auth',
          'messaging-1',
          'messaging-2',
          'object-store',
          'web',
        ]);
        assert.equal(new Set(parts.map(({ pid }) => pid)).size, 5);
        assert.equal(partOf(parts, 'web').url, stack.origin);
        assert.deepEqual(await readStack(dataDir), { origin: stack.origin, parts });
      });
    }));

  it('restarts killed parts at the same addresses, and lists their new processes', () =>
    withSite(async ({ env, dataDir }) => {
      const environment = { ...env, MONGODB_URI: undefined };
      await withStack({ env: environment, args: ['--nodes', '1'] }, async (stack) => {
        const names = ['messaging-1', 'auth', 'web', 'redis', 'mongod', 'object-store'];
        for (const { before, after } of await Promise.all(names.map((n) => killOne(stack, n)))) {
          assert.notEqual(after.pid, before.pid);
          assert.deepEqual({ ...after, pid: 0 }, { ...before, pid: 0 });
          assert.deepEqual(partOf((await readStack(dataDir)).parts, after.name), after);
        }
      });
    }));
});

describe('a stack', () => {
  const connectSources = async (stack: Stack) => {
    const { headers } = await fetch(stack.origin, { headers: { accept: 'text/html' } });
    return /connect-src ([^;]+)/.exec(headers.get('content-security-policy') ?? '')?.[1];
  };

  it('includes an object store, which its pages may use', () =>
    withSite(({ env }) =>
      withStack({ env, args: [] }, async (stack) => {
        const store = partOf(stack.parts(), 'object-store');
        assert.equal(store.kind, 'object-store');
        assert.equal(await connectSources(stack), `'self' ${store.url}`);
        assert.equal((await fetch(`${store.url}/parley/any`)).status, 403);
      }),
    ));

  it('uses a configured object store instead of its own', () =>
    withSite(async ({ env }) => {
      const settings = testObjectStoreSettings();
      const given = { ...env, ...objectStoreVariables({ ...settings, bucket: 'test' }) };
      await withStack({ env: given, args: [] }, async (stack) => {
        assert.ok(stack.parts().every(({ kind }) => kind !== 'object-store'));
        assert.equal(await connectSources(stack), `'self' ${settings.endpoint}`);
      });
    }));

  it('names the missing variables of an incompletely configured object store', () =>
    withSite(async ({ env }) => {
      const config = readLaunchConfig({ ...env, S3_ENDPOINT: 'https://s3.example.org' });
      await assert.rejects(startStack(config, { say }), (error) => {
        assert.ok(error instanceof LaunchError);
        assert.match(error.message, /^messaging-1 did not start: .*S3_BUCKET.* missing.*$/);
        return true;
      });
    }));

  it('stops the parts that it has started if a later one does not start', () =>
    withSite(async ({ env }) => {
      const config = readLaunchConfig({ ...env, PARLEY_ORIGINS: 'no origin' });
      await assert.rejects(startStack(config, { say }), (error) => {
        assert.ok(error instanceof LaunchError);
        assert.match(error.message, /^auth did not start: .*PARLEY_ORIGINS.*$/);
        return true;
      });
      const sound = { ...env, MONGODB_URI: testMongoUri() };
      await withStack({ env: sound, args: [] }, (stack) => {
        assert.equal(stack.parts().length, 4);
        return Promise.resolve();
      });
    }));
});
