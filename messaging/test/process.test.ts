import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { testRedisUrl } from '@parley/backend-common/testing';

import { closed } from './support/connections.ts';
import { SECRET, TestStack } from './support/stack.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

interface Spawned {
  readonly child: ChildProcess;
  readonly url: string;
  readonly metricsUrl: string;
}

describe('the process of a node', () => {
  let stack: TestStack;
  const children: ChildProcess[] = [];

  before(async () => (stack = await TestStack.create()));
  after(async () => {
    for (const child of children) child.kill('SIGKILL');
    await stack.close();
  });

  const start = (env: Readonly<Record<string, string>>): ChildProcess => {
    const loader = ['--import', 'tsx', '--conditions=source'];
    const child = spawn(process.execPath, [...loader, MAIN], {
      env: { PARLEY_LOG_LEVEL: 'warn', ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    children.push(child);
    return child;
  };
  const answering = async (env: Readonly<Record<string, string>>): Promise<Spawned> => {
    const child = start({ MONGODB_URI: stack.mongo.uri, PARLEY_SECRET: SECRET, ...env });
    const [address] = (await once(child, 'message')) as [Omit<Spawned, 'child'>];
    return { child, ...address };
  };

  it('tells its launcher where it answers, and on SIGTERM sees its clients out and exits 0', async () => {
    const { child, metricsUrl, url } = await answering({ REDIS_URL: testRedisUrl() });
    const ann = await stack.people.create();
    const socket = await stack.connections.open(url, ann);
    const metrics = await (await fetch(metricsUrl, { headers: { connection: 'close' } })).text();
    assert.match(metrics, /parley_sockets\{service="messaging"\} 1/);
    assert.match(metrics, /nodejs_eventloop_lag/);

    const end = closed(socket);
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    assert.equal(await end, 'transport close');
    assert.deepEqual(await exit, [0, null]);
  });

  it('says in plain lines what is wrong with its configuration, and exits 1', async () => {
    const child = start({ PARLEY_SECRET: 'short' });
    let complaint = '';
    child.stderr?.on('data', (part: Buffer) => (complaint += part.toString()));
    assert.deepEqual(await once(child, 'close'), [1, null]);
    assert.match(complaint, /MONGODB_URI/);
    assert.match(complaint, /PARLEY_SECRET/);
    assert.doesNotMatch(complaint, /short/);
  });
});
