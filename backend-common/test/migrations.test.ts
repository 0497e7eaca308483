import assert from 'node:assert/strict';
import { migrate, type Migration } from '@parley/backend-common';
import { silentLogger, testMongo, type TestMongo } from '@parley/backend-common/testing';

describe('migrations', () => {
  let mongo: TestMongo;
  beforeEach(async () => {
    mongo = await testMongo();
  });
  afterEach(() => mongo.drop());

  const logger = silentLogger();
  const recorded = async () =>
    (await mongo.db.collection<{ _id: string }>('migrations').find().toArray()).map(
      ({ _id }) => _id,
    );
  /** Migrations that note when they run. */
  const noting = (...ids: string[]) => {
    const ran: string[] = [];
    const migrations: Migration[] = ids.map((id) => ({
      id,
      async up(db) {
        ran.push(id);
        await db.collection(id).insertOne({ id });
      },
    }));
    return { migrations, ran };
  };

  it('run in order, once, and are recorded', async () => {
    const { migrations, ran } = noting('test-001', 'test-002');
    await migrate(mongo.db, migrations, logger);
    await migrate(mongo.db, migrations, logger);
    assert.deepEqual(ran, ['test-001', 'test-002']);
    assert.deepEqual((await recorded()).sort(), ['test-001', 'test-002']);
  });

  it('run only if they have not run yet', async () => {
    const first = noting('test-001');
    await migrate(mongo.db, first.migrations, logger);
    const second = noting('test-001', 'test-002');
    await migrate(mongo.db, second.migrations, logger);
    assert.deepEqual(second.ran, ['test-002']);
  });

  it('run once when ten processes start together, and all wait until they are done', async () => {
    const { migrations, ran } = noting('test-001', 'test-002');
    const starts = Array.from({ length: 10 }, async () => {
      await migrate(mongo.db, migrations, logger);
      assert.equal((await recorded()).length, 2);
    });
    await Promise.all(starts);
    assert.deepEqual(ran, ['test-001', 'test-002']);
  });

  it('that fail are not recorded, stop the following ones, and release the lock', async () => {
    const { migrations, ran } = noting('test-002');
    const failing: Migration = { id: 'test-001', up: () => Promise.reject(new Error('broken')) };
    await assert.rejects(migrate(mongo.db, [failing, ...migrations], logger), /broken/);
    assert.deepEqual(await recorded(), []);
    assert.deepEqual(ran, []);
    const repaired = noting('test-001', 'test-002');
    await migrate(mongo.db, repaired.migrations, logger);
    assert.deepEqual(repaired.ran, ['test-001', 'test-002']);
  });

  it('take over the lock of a process that crashed', async () => {
    await mongo.db
      .collection<{ _id: string; holder: string; until: Date }>('migration_lock')
      .insertOne({ _id: 'lock', holder: 'dead', until: new Date(Date.now() - 1_000) });
    const { migrations, ran } = noting('test-001');
    await migrate(mongo.db, migrations, logger);
    assert.deepEqual(ran, ['test-001']);
  });

  it('wait for the lock of a running process', async () => {
    const locks = mongo.db.collection<{ _id: string; holder: string; until: Date }>(
      'migration_lock',
    );
    await locks.insertOne({ _id: 'lock', holder: 'alive', until: new Date(Date.now() + 60_000) });
    const { migrations, ran } = noting('test-001');
    let finished = Promise.resolve();
    const waiting = new Promise<void>((resolve) => {
      const told = { ...logger, info: () => resolve() } as unknown as typeof logger;
      finished = migrate(mongo.db, migrations, told);
    });
    await waiting;
    assert.deepEqual(ran, []);
    await locks.deleteOne({ _id: 'lock' });
    await finished;
    assert.deepEqual(ran, ['test-001']);
  });
});
