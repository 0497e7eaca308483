import assert from 'node:assert/strict';
import { MongoClient } from 'mongodb';
import { readLaunchConfig } from '../src/config.ts';
import { type Stack, startStack } from '../src/stack.ts';
import { partOf, type Site, withSite } from './support/launch.ts';

const MEMBERS = ['mongod', 'mongod-2', 'mongod-3'];

async function withStack(
  { env }: Site,
  args: readonly string[],
  body: (stack: Stack) => Promise<void>,
): Promise<void> {
  const own = { ...process.env, ...env, MONGODB_URI: undefined };
  const stack = await startStack(readLaunchConfig(own, args), { say: () => undefined });
  try {
    await body(stack);
  } finally {
    await stack.close();
  }
}

async function withNotes<T>(
  { mongodbUri }: Stack,
  body: (client: MongoClient) => Promise<T>,
): Promise<T> {
  const client = new MongoClient(mongodbUri, { serverSelectionTimeoutMS: 30_000 });
  try {
    return await body(client);
  } finally {
    await client.close();
  }
}

const notes = (client: MongoClient) =>
  client
    .db('notes')
    .collection<{ _id: string }>('notes', { writeConcern: { w: 'majority', wtimeoutMS: 30_000 } });

/** Ports of the members that the set knows and that take part in it, in order. */
async function membersOf(stack: Stack): Promise<number[]> {
  return withNotes(stack, async (client) => {
    for (;;) {
      const { members } = (await client
        .db('admin')
        .command({ replSetGetStatus: 1 })) as unknown as {
        members: { name: string; stateStr: string }[];
      };
      if (members.every(({ stateStr }) => ['PRIMARY', 'SECONDARY'].includes(stateStr))) {
        return members.map(({ name }) => Number(name.split(':')[1]));
      }
    }
  });
}

const portOf = (url: string) => Number(/:(\d+)\//.exec(url)?.[1]);

describe('npm start with a replica set of three', function () {
  this.timeout(180_000);

  it('survives the loss of a primary, whose member comes back at the same address', () =>
    withSite(async (site) =>
      withStack(site, ['--mongo', '3'], async (stack) => {
        const mongods = stack.parts().filter(({ kind }) => kind === 'mongod');
        assert.deepEqual(mongods.map(({ name }) => name).toSorted(), MEMBERS);
        for (const { url } of mongods) {
          assert.ok(stack.mongodbUri.includes(`:${portOf(url)}`));
          const stranger = new MongoClient(
            `mongodb://127.0.0.1:${portOf(url)}/?directConnection=true`,
          );
          await assert.rejects(notes(stranger).findOne(), { codeName: 'Unauthorized' });
          await stranger.close();
        }

        await withNotes(stack, async (client) => {
          await notes(client).insertOne({ _id: 'before' });
          const hello = await client.db('admin').command({ hello: 1 });
          const port = Number(String(hello['primary']).split(':')[1]);
          const primary = mongods.find(({ url }) => portOf(url) === port)!;
          const again = stack.restarted(primary.name);
          process.kill(primary.pid, 'SIGKILL');
          await notes(client).insertOne({ _id: 'after' });
          assert.equal((await again).url, primary.url);
          assert.deepEqual(await notes(client).find().sort({ _id: 1 }).toArray(), [
            { _id: 'after' },
            { _id: 'before' },
          ]);
        });
        assert.equal((await membersOf(stack)).length, 3);
      }),
    ));

  it('keeps the data of a single MongoDB, to which it adds members, and of later starts on other ports', () =>
    withSite(async (site) => {
      await withStack(site, [], (stack) =>
        withNotes(stack, async (client) => {
          await notes(client).insertOne({ _id: 'alone' });
        }),
      );
      for (const id of ['three', 'again']) {
        await withStack(site, ['--mongo', '3'], async (stack) => {
          const ports = MEMBERS.map((name) => portOf(partOf(stack.parts(), name).url));
          assert.deepEqual(await membersOf(stack), ports);
          await withNotes(stack, (client) => notes(client).insertOne({ _id: id }));
        });
      }
      await withStack(site, ['--mongo', '3'], async (stack) => {
        const found = await withNotes(stack, (client) => notes(client).find().toArray());
        assert.deepEqual(found.map(({ _id }) => _id).toSorted(), ['again', 'alone', 'three']);
      });
      await assert.rejects(
        withStack(site, [], () => Promise.resolve()),
        /^LaunchError: .* holds a MongoDB replica set of 3 members, .* --mongo 3\.$/,
      );
    }));
});
