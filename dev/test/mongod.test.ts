import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { isAlive } from '../src/processes/process-identity.ts';
import { startMongod } from '../src/engines/mongod.ts';
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

describe('an embedded MongoDB', () => {
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
