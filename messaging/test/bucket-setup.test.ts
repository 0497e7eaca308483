import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { ObjectStoreSettings } from '@parley/backend-common';
import {
  objectStoreVariables,
  testObjectStore,
  testObjectStoreSettings,
} from '@parley/backend-common/testing';

interface Outcome {
  readonly code: number | null;
  readonly output: string;
  readonly complaint: string;
}

async function runSetup(env: Readonly<Record<string, string>>): Promise<Outcome> {
  const main = new URL('../src/bucket-setup.ts', import.meta.url).pathname;
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, ['--import', 'tsx', '--conditions=source', main], {
    env: { PATH, HOME, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, complaint] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  return { code: child.exitCode, output, complaint };
}

describe('setting up the bucket', function () {
  this.timeout(60_000);
  let settings: ObjectStoreSettings;
  let env: Record<string, string>;

  before(() => {
    settings = testObjectStoreSettings();
    env = {
      ...objectStoreVariables(settings),
      PARLEY_PUBLIC_ORIGIN: 'https://chat.example.org',
      PARLEY_ORIGINS: 'https://other.example.org,https://chat.example.org',
    };
  });

  it('lets exactly our own pages in, and then changes nothing more', async () => {
    const first = await runSetup(env);
    assert.deepEqual([first.code, first.complaint], [0, '']);
    const origins = ['https://chat.example.org', 'https://other.example.org'];
    assert.match(
      first.output,
      /now let in https:\/\/chat\.example\.org, https:\/\/other\.example\.org and nobody else$/m,
    );
    const store = testObjectStore({ settings, origins });
    await store.check();
    store.close();
    const foreign = testObjectStore({ settings, origins: ['https://foreign.example.org'] });
    await assert.rejects(foreign.check(), { name: 'ConfigError' });
    foreign.close();
    const second = await runSetup(env);
    assert.equal(second.code, 0);
    assert.match(second.output, /already$/m);
  });

  it('names the variables that are missing', async () => {
    const without = await runSetup(objectStoreVariables(settings));
    assert.deepEqual([without.code, without.output], [1, '']);
    assert.match(without.complaint, /^PARLEY_PUBLIC_ORIGIN says which pages/);
    const { complaint } = await runSetup({});
    assert.match(complaint, /^S3_ENDPOINT, S3_BUCKET and its keys/);
  });

  it('says in one line that the store does not take the keys', async () => {
    const refused = await runSetup({ ...env, S3_SECRET_ACCESS_KEY: 'not-the-secret' });
    assert.equal(refused.code, 1);
    assert.match(refused.complaint, /^The store refused: .*\n$/);
    assert.doesNotMatch(refused.complaint, /not-the-secret/);
  });
});
