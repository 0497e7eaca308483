import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  objectStoreVariables,
  testObjectStoreSettings,
  testRedisUrl,
} from '@parley/backend-common/testing';

import { closed } from './support/connections.ts';
import { SECRET, TestStack } from './support/stack.ts';

/** The source of a module that answers any message with the names of the packages that the process has loaded. */
const LISTING = `import { createRequire } from 'node:module';
const { cache } = createRequire(process.cwd() + '/');
process.on('message', () => {
  const names = Object.keys(cache).map((path) => path.replaceAll('\\\\', '/').split('/node_modules/').at(-1));
  const packages = names.map((name) => name.split('/').slice(0, name.startsWith('@') ? 2 : 1).join('/'));
  process.send({ packages: [...new Set(packages)] });
});`;
/** Packages that only files, images, pushes or passwords need. */
const LATE =
  /^(?:@aws-sdk|@smithy|@img|@google-cloud|@zxcvbn-ts)\/|^(?:sharp|firebase-admin|google-auth-library|argon2|file-type)$/;

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

type Variables = Readonly<Record<string, string>>;

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

  const start = (env: Variables, imports: readonly string[] = []): ChildProcess => {
    const loader = [
      '--conditions=source',
      ...['tsx', ...imports].map((name) => `--import=${name}`),
    ];
    const child = spawn(process.execPath, [...loader, MAIN], {
      env: { PARLEY_LOG_LEVEL: 'warn', ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    children.push(child);
    return child;
  };
  const answering = async (env: Variables, imports?: readonly string[]): Promise<Spawned> => {
    const all = { MONGODB_URI: stack.mongo.uri, PARLEY_SECRET: SECRET, ...env };
    const child = start(all, imports);
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

  it('has loaded no library at rest that only files or pushes need', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-rest-'));
    const account = join(folder, 'account.json');
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await writeFile(
      account,
      JSON.stringify({
        project_id: 'project',
        client_email: 'parley@project.iam.gserviceaccount.com',
        private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      }),
    );
    const env = {
      ...objectStoreVariables(testObjectStoreSettings()),
      GOOGLE_APPLICATION_CREDENTIALS: account,
    };
    const listing = `data:text/javascript,${encodeURIComponent(LISTING)}`;
    const { child } = await answering(env, [listing]);
    const told = once(child, 'message') as Promise<[{ readonly packages: readonly string[] }]>;
    child.send('packages');
    const [{ packages }] = await told;
    assert.ok(packages.includes('mongodb') && packages.includes('socket.io'), String(packages));
    const late = packages.filter((name) => LATE.test(name));
    assert.deepEqual(late, []);
    await rm(folder, { recursive: true });
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
