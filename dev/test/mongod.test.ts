import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { commandLine, isAlive } from '../src/processes/process-identity.ts';
import { startMongod } from '../src/engines/mongod.ts';
import { serviceUser, systemUser } from '../src/engines/mongod-key.ts';
import { withMongodOptions } from './support/engines.ts';

async function withClient<T>(url: string, body: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 5_000 });
  try {
    return await body(client);
  } finally {
    await client.close();
  }
}

const notes = (client: MongoClient) =>
  client.db('test').collection<{ _id: string }>('notes', { writeConcern: { w: 'majority' } });

/** A key in a file beside the data. */
async function keyFile(folder: string, text: string) {
  const path = join(folder, 'mongo.key');
  await writeFile(path, text, { mode: 0o600 });
  return { path, text };
}

/** What a MongoDB answers somebody who asks for everything: the reason of the refusal, or nothing. */
async function refusals(url: string): Promise<(string | undefined)[]> {
  const requests = [
    { find: 'notes', $db: 'test' },
    { insert: 'sessions', documents: [{ _id: 1 }], $db: 'parley' },
    { createUser: 'me', pwd: 'me', roles: ['root'], $db: 'admin' },
    { replSetGetConfig: 1, $db: 'admin' },
    { serverStatus: 1, $db: 'admin' },
    { shutdown: 1, $db: 'admin' },
  ];
  return withClient(url, async (client) => {
    const reasons: (string | undefined)[] = [];
    for (const { $db, ...command } of requests) {
      const reason = await client
        .db($db)
        .command(command)
        .then(
          () => undefined,
          (error: unknown) => (error as { codeName?: string }).codeName,
        );
      reasons.push(reason);
    }
    return reasons;
  });
}

const UNAUTHORIZED = Array.from({ length: 6 }, () => 'Unauthorized');
const REFUSED = Array.from({ length: 6 }, () => 'AuthenticationFailed');

describe('an embedded MongoDB', function () {
  // Each test starts and stops servers, which takes long on a loaded machine.
  this.timeout(120_000);

  it('keeps its data when it starts on another port, and accepts majority writes at once', () =>
    withMongodOptions(async (options) => {
      const first = await startMongod(options);
      await withClient(first.url, (client) => notes(client).insertOne({ _id: 'first' }));
      assert.deepEqual(await first.child.stop(30_000), { code: 0, signal: null });

      const second = await startMongod(options);
      assert.notEqual(second.port, first.port);
      const found = await withClient(second.url, async (client) => {
        await notes(client).insertOne({ _id: 'second' });
        return notes(client).find().sort({ _id: 1 }).toArray();
      });
      await second.child.stop(30_000);
      assert.deepEqual(found, [{ _id: 'first' }, { _id: 'second' }]);
    }));

  it('with a key answers its own user alone, and shows the key to no other user of the machine', () =>
    withMongodOptions(async (options) => {
      const key = await keyFile(options.folder, 'a'.repeat(44));
      const { child, port, url } = await startMongod({ ...options, key });
      await withClient(url, (client) => notes(client).insertOne({ _id: 'mine' }));
      const address = `127.0.0.1:${port}/?directConnection=true`;
      assert.deepEqual(await refusals(`mongodb://${address}`), UNAUTHORIZED);
      for (const name of ['parley', '__system', 'me']) {
        const source = name === '__system' ? 'local' : 'admin';
        const wrong = `mongodb://${name}:wrong@${address}&authSource=${source}`;
        assert.deepEqual(await refusals(wrong), REFUSED);
      }
      const secrets = [key.text, serviceUser(key).password];
      const command = (await commandLine(child.pid)).join(' ');
      const log = await readFile(options.logFile, 'utf8');
      for (const secret of secrets) assert.ok(![command, log].join().includes(secret));
      await child.stop(30_000);
    }));

  it('keeps data that it wrote without a key, and data of another key', () =>
    withMongodOptions(async (options) => {
      const open = await startMongod(options);
      await withClient(open.url, (client) => notes(client).insertOne({ _id: 'open' }));
      await open.child.stop(30_000);

      const urls: string[] = [];
      for (const letter of ['a', 'b', 'b']) {
        const key = await keyFile(options.folder, letter.repeat(44));
        const { child, port, url } = await startMongod({ ...options, key });
        const count = await withClient(url, async (client) => {
          await client.db('test').collection('starts').insertOne({});
          return notes(client).countDocuments();
        });
        assert.equal(count, 1);
        assert.deepEqual(
          await refusals(`mongodb://127.0.0.1:${port}/?directConnection=true`),
          UNAUTHORIZED,
        );
        const [earlier] = urls;
        if (earlier !== undefined && letter === 'b') {
          const old = new URL(earlier);
          old.port = String(port);
          assert.deepEqual(await refusals(old.href), REFUSED);
        }
        urls.push(url);
        await child.stop(30_000);
      }

      const again = await startMongod(options);
      const starts = await withClient(again.url, (client) =>
        client.db('test').collection('starts').countDocuments(),
      );
      assert.equal(starts, 3);
      await again.child.stop(30_000);
    }));

  it('with a key is configured by the key alone, whatever users the data have', () =>
    withMongodOptions(async (options) => {
      const key = await keyFile(options.folder, 'a'.repeat(44));
      const first = await startMongod({ ...options, key });
      const { authSource, password, username } = systemUser(key);
      const system = `mongodb://${username}:${password}@127.0.0.1:${first.port}/?authSource=${authSource}&directConnection=true`;
      await withClient(system, (client) => client.db('admin').command({ dropUser: 'parley' }));
      await first.child.stop(30_000);
      const second = await startMongod({ ...options, key });
      await withClient(second.url, (client) => notes(client).insertOne({ _id: 'again' }));
      await second.child.stop(30_000);
    }));

  it('supports transactions and change streams, as a replica set does', () =>
    withMongodOptions(async (options) => {
      const { url, child } = await startMongod(options);
      await withClient(url, async (client) => {
        const stream = notes(client).watch();
        const change = stream.next();
        await client.withSession((session) =>
          session.withTransaction(() => notes(client).insertOne({ _id: 'one' }, { session })),
        );
        assert.equal((await change).operationType, 'insert');
        await stream.close();
      });
      await child.kill();
    }));

  it('has all acknowledged writes when it is started after a kill', () =>
    withMongodOptions(async (options) => {
      const first = await startMongod(options);
      await withClient(first.url, (client) => notes(client).insertOne({ _id: 'kept' }));
      await first.child.kill();
      const second = await startMongod({ ...options, port: first.port });
      assert.equal(second.port, first.port);
      const count = await withClient(second.url, (client) => notes(client).countDocuments());
      await second.child.kill();
      assert.equal(count, 1);
      assert.deepEqual(options.lines, []);
    }));

  it('stops and reports a server that a killed launcher left running on the same data', () =>
    withMongodOptions(async (options) => {
      const orphan = await startMongod(options);
      const next = await startMongod(options);
      assert.equal(isAlive(orphan.child.pid), false);
      assert.match(options.lines.join(), new RegExp(`process ${orphan.child.pid}.*stopped`));
      await next.child.kill();
    }));

  it('does not stop another process that has the id of the last server', () =>
    withMongodOptions(async (options) => {
      await mkdir(options.dbPath);
      await writeFile(join(options.dbPath, 'mongod.lock'), `${process.ppid}\n`);
      const { child } = await startMongod(options);
      assert.equal(isAlive(process.ppid), true);
      await child.kill();
    }));

  it('reports in one line that its port is in use', () =>
    withMongodOptions(async (options) => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      try {
        await assert.rejects(
          startMongod({ ...options, port }),
          /^LaunchError: [^\n]*in use[^\n]*$/,
        );
      } finally {
        server.close();
      }
    }));

  it('reports in one line that its data is damaged', () =>
    withMongodOptions(async (options) => {
      const { child } = await startMongod(options);
      await child.stop(30_000);
      await writeFile(join(options.dbPath, 'WiredTiger.turtle'), 'nonsense');
      await assert.rejects(startMongod(options), (error: Error) => {
        assert.match(
          error.message,
          /^MongoDB did not start on .*: .*corrupt.* \(more in .*mongod.log\)$/,
        );
        return true;
      });
    }));
});
