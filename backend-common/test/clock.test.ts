import assert from 'node:assert/strict';
import { Metrics, PeriodicMetrics, createClock, type Clock } from '@parley/backend-common';
import { silentLogger, testMongo, type TestMongo } from '@parley/backend-common/testing';

describe('the shared clock', () => {
  let mongo: TestMongo;
  let clock: Clock;
  before(async () => {
    mongo = await testMongo();
    const metrics = new PeriodicMetrics(new Metrics('toy'));
    clock = await createClock({ db: mongo.db, metrics, logger: silentLogger() });
  });
  after(async () => {
    await clock.close();
    await mongo.drop();
  });

  it('is that of the primary', async () => {
    const before = clock.now();
    const hello = await mongo.db.admin().command({ hello: 1 });
    const there = (hello['localTime'] as Date).getTime();
    const after = clock.now();
    assert.ok(before - 50 <= there && there <= after + 50, `${before} ${there} ${after}`);
  });

  it('counts whole milliseconds and does not go back', () => {
    let last = clock.now();
    for (let look = 0; look < 10_000; look += 1) {
      const now = clock.now();
      assert.ok(Number.isInteger(now) && now >= last);
      last = now;
    }
  });
});
