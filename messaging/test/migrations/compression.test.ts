import assert from 'node:assert/strict';
import { expectedIndexes, migrate } from '@parley/backend-common';
import { silentLogger, testMongo, type TestMongo } from '@parley/backend-common/testing';
import { MongoServerError, type Db } from 'mongodb';

import { compressionMigration } from '../../src/migrations/compression.ts';
import { messagingMigrations } from '../../src/migrations/index.ts';

/** The migrations of a version that does not know this one. */
const former = messagingMigrations.filter((each) => each !== compressionMigration);
const logger = silentLogger();

/** The block compressor of the data of `entries`. */
async function compressor(db: Db): Promise<string | undefined> {
  const { wiredTiger } = await db.command({ collStats: 'entries' });
  const { creationString } = wiredTiger as { creationString: string };
  // The last value of an option counts.
  return [...creationString.matchAll(/block_compressor="?([a-z]*)/g)].at(-1)?.[1];
}

describe('the migration that compresses entries', () => {
  let mongo: TestMongo;
  beforeEach(async () => {
    mongo = await testMongo();
  });
  afterEach(() => mongo.drop());

  it('compresses the data of a new database', async () => {
    await migrate(mongo.db, messagingMigrations, logger);
    assert.equal(await compressor(mongo.db), 'zstd');
  });

  it('does so when a process of the former version creates the indexes', async () => {
    await compressionMigration.up(mongo.db);
    await migrate(mongo.db, former, logger);
    assert.equal(await compressor(mongo.db), 'zstd');
    await migrate(mongo.db, messagingMigrations, logger);
  });

  it('leaves a collection of the former version and its documents as they are', async () => {
    await migrate(mongo.db, former, logger);
    const entries = mongo.db.collection<{ _id: string; seq: number }>('entries');
    await entries.insertOne({ _id: 'a', seq: 1 });
    await migrate(mongo.db, messagingMigrations, logger);
    assert.equal(await compressor(mongo.db), 'snappy');
    assert.deepEqual(await entries.find().toArray(), [{ _id: 'a', seq: 1 }]);
  });

  it('may run again, also at the same time', async () => {
    await Promise.all(Array.from({ length: 4 }, () => compressionMigration.up(mongo.db)));
    assert.equal(await compressor(mongo.db), 'zstd');
  });

  it('leaves the collection to the next migration where the server refuses the options', async () => {
    const refusing = refusingCollections(mongo.db, 72);
    await compressionMigration.up(refusing);
    await migrate(mongo.db, messagingMigrations.slice(1), logger);
    for (const { collection, index } of await expectedIndexes(messagingMigrations)) {
      assert.ok(await mongo.db.collection(collection).indexExists(index.name!), index.name);
    }
  });

  it('fails where the server cannot be written, and is not recorded', async () => {
    const failing = refusingCollections(mongo.db, 10107);
    await assert.rejects(migrate(failing, messagingMigrations, logger), /refused/);
    assert.equal(await mongo.db.collection('migrations').countDocuments(), 0);
  });
});

/** A database that answers the creation of a collection with an error. */
function refusingCollections(db: Db, code: number): Db {
  return new Proxy(db, {
    get(target, name) {
      if (name === 'createCollection') {
        return () => Promise.reject(new MongoServerError({ message: 'refused', code }));
      }
      const value = Reflect.get(target, name, target) as unknown;
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
