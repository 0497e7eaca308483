import assert from 'node:assert/strict';
import { once } from 'node:events';
import { access, stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { isAlive } from '../src/processes/process-identity.ts';
import { type StackPart } from '../src/stack-file.ts';
import { untilGone } from './support/engines.ts';
import { runScript } from './support/script.ts';
import { launch, partOf, readStack, withSite } from './support/launch.ts';

const READY = /^Parley is ready at (http:\/\/127\.0\.0\.1:\d+)$/;
const STARTING = /^Starting Parley/;

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

async function statusOf(url: string): Promise<number> {
  const response = await fetch(url);
  await response.arrayBuffer();
  return response.status;
}

/** What the engines of a stack answer a user of this machine who has no password. */
async function askEngines(parts: readonly StackPart[]): Promise<unknown[]> {
  const portOf = (name: string) => Number(new URL(partOf(parts, name).url).port);
  const answers: unknown[] = [];
  const mongo = new MongoClient(`mongodb://127.0.0.1:${portOf('mongod')}/?directConnection=true`);
  try {
    for (const command of [
      { find: 'entries' },
      { find: 'users' },
      { insert: 'sessions', documents: [{ _id: 'planted' }] },
      { listCollections: 1 },
    ]) {
      const asked = mongo.db('parley').command(command);
      answers.push(await asked.catch((error: unknown) => (error as { codeName: string }).codeName));
    }
  } finally {
    await mongo.close();
  }
  for (const command of ['KEYS *', 'MONITOR']) {
    const redis = connect(portOf('redis'), '127.0.0.1', () => redis.write(`${command}\r\n`));
    answers.push(String(await once(redis, 'data')).split(' ')[0]);
    redis.destroy();
  }
  return answers;
}

describe('npm start', function () {
  this.timeout(240_000);

  it('starts its own MongoDB, reports when all parts are ready, lists them, and stops them on SIGTERM', () =>
    withSite(async ({ dataDir, env }) => {
      const run = launch({ ...env, MONGODB_URI: undefined });
      const origin = READY.exec(await run.line(READY))?.[1];
      const stack = await readStack(dataDir);
      assert.equal(stack.origin, origin);
      assert.deepEqual(stack.parts.map(({ kind }) => kind).toSorted(), [
        'auth',
        'messaging',
        'mongod',
        'object-store',
        'web',
      ]);
      assert.equal((await stat(join(dataDir, 'stack.json'))).mode & 0o777, 0o600);
      for (const { url, metricsUrl } of stack.parts.filter((part) => part.metricsUrl)) {
        assert.equal(await statusOf(`${url}/readyz`), 200);
        assert.equal(await statusOf(metricsUrl!), 200);
      }
      run.process.kill('SIGTERM');
      assert.deepEqual(await run.ended, { code: 0, signal: null });
      assert.equal(isAlive(partOf(stack.parts, 'mongod').pid), false);
      assert.equal(await isThere(join(dataDir, 'stack.json')), false);
    }));

  it('stops with exit code 0 on SIGINT, even if it receives it twice', () =>
    withSite(async ({ env }) => {
      const run = launch(env);
      await run.line(READY);
      run.process.kill('SIGINT');
      run.process.kill('SIGINT');
      assert.deepEqual(await run.ended, { code: 0, signal: null });
    }));

  it('stops when the shell in which npm runs it ends', () =>
    withSite(async ({ dataDir, env }) => {
      const shell = runScript('dev/test/fixtures/shell.ts', ['dev/src/start.ts'], {
        ...env,
        npm_lifecycle_event: 'start',
      });
      await shell.line(READY);
      const [{ pid }] = (await readStack(dataDir)).parts as [StackPart];
      shell.process.kill('SIGKILL');
      await untilGone(pid);
      assert.equal(await isThere(join(dataDir, 'stack.json')), false);
    }));

  it('can be stopped while it starts', () =>
    withSite(async ({ dataDir, env }) => {
      const run = launch({ ...env, MONGODB_URI: undefined });
      await run.line(STARTING);
      run.process.kill('SIGINT');
      assert.deepEqual(await run.ended, { code: 0, signal: null });
      assert.doesNotMatch(run.output(), READY);
      assert.equal(await isThere(join(dataDir, 'launcher.lock')), false);
    }));

  it('keeps accounts when it is restarted', () =>
    withSite(async ({ env }) => {
      const login = { username: 'ada', password: 'correct horse battery' };
      const requests = [
        ['register', { ...login, displayName: 'Ada' }],
        ['login', login],
      ] as const;
      const statuses: number[] = [];
      for (const [path, body] of requests) {
        const run = launch({ ...env, MONGODB_URI: undefined });
        const origin = READY.exec(await run.line(READY))?.[1] ?? '';
        const response = await fetch(`${origin}/api/auth/${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
        statuses.push(response.status);
        run.process.kill('SIGTERM');
        await run.ended;
      }
      assert.deepEqual(statuses, [201, 200]);
    }));

  it('reports in one line that its port is in use', () =>
    withSite(async ({ env }) => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const port = String((server.address() as AddressInfo).port);
      const run = launch({ ...env, PORT: port });
      const { code } = await run.ended;
      server.close();
      assert.equal(code, 1);
      assert.match(run.output().split('\n').at(-1)!, new RegExp(`^Port ${port} .* is in use`));
      assert.equal(run.output().split('\n').length, 2);
    }));

  it('reports in one line that its data folder cannot be used', () =>
    withSite(async ({ dataDir, env }) => {
      await writeFile(dataDir, '');
      const run = launch(env);
      assert.equal((await run.ended).code, 1);
      assert.equal(
        run.output(),
        `The data folder ${dataDir} cannot be used: a file stands in its place.`,
      );
    }));

  it('reports in one line that it already runs on the same data', () =>
    withSite(async ({ env }) => {
      const first = launch(env);
      const origin = READY.exec(await first.line(READY))?.[1] ?? '';
      const second = launch(env);
      assert.equal((await second.ended).code, 1);
      assert.match(
        second.output(),
        new RegExp(`^Parley already runs on .* at ${origin} \\(process ${first.pid}\\).*$`),
      );
      first.process.kill('SIGTERM');
      await first.ended;
    }));

  it('reports in one line which engine is missing, and what to install', () =>
    withSite(async ({ dataDir, env }) => {
      const nothing = { PATH: dataDir, XDG_CACHE_HOME: join(dataDir, 'valkey') };
      const run = launch({ ...env, ...nothing }, ['--nodes', '1']);
      assert.equal((await run.ended).code, 1);
      assert.match(
        run.output().split('\n').at(-1)!,
        /^Parley needs Redis or Valkey .* REDIS_URL\.$/,
      );
    }));

  it('reports in one line that MONGODB_URI does not answer', () =>
    withSite(async ({ env }) => {
      const run = launch({ ...env, MONGODB_URI: 'mongodb://127.0.0.1:1/' });
      assert.equal((await run.ended).code, 1);
      assert.match(run.output().split('\n').at(-1)!, /^MONGODB_URI does not answer: /);
    }));

  it('has engines that answer nobody without a password, leaves nothing running when it is killed, and starts again', () =>
    withSite(async ({ dataDir, env }) => {
      const own = { ...env, MONGODB_URI: undefined };
      const first = launch(own, ['--nodes', '1']);
      await first.line(READY);
      const { parts } = await readStack(dataDir);
      assert.equal(parts.length, 6);
      const [unauthorized, noPassword] = ['Unauthorized', '-NOAUTH'];
      assert.deepEqual(await askEngines(parts), [
        ...[unauthorized, unauthorized, unauthorized, unauthorized],
        ...[noPassword, noPassword],
      ]);
      first.process.kill('SIGKILL');
      await first.ended;
      const second = launch(own);
      await second.line(READY);
      for (const { pid } of parts) await untilGone(pid);
      second.process.kill('SIGTERM');
      assert.deepEqual(await second.ended, { code: 0, signal: null });
    }));
});
