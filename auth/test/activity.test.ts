import assert from 'node:assert/strict';
import { Metrics, PeriodicMetrics } from '@parley/backend-common';
import { MINUTE } from '@parley/common';
import { silentLogger } from '@parley/backend-common/testing';

import { SessionActivity } from '../src/sessions/activity.ts';

function setUp() {
  const world = { now: 0, failing: false, touched: [] as { ids: readonly string[]; at: number }[] };
  const activity = new SessionActivity({
    repository: {
      touch: (ids, at) => {
        if (world.failing) return Promise.reject(new Error('away'));
        world.touched.push({ ids, at });
        return Promise.resolve();
      },
    },
    now: () => world.now,
    metrics: new PeriodicMetrics(new Metrics('test')),
    logger: silentLogger(),
  });
  return { activity, world };
}

describe('the use of sessions', () => {
  it('is written in one batch, and not at all if there was none', async () => {
    const { activity, world } = setUp();
    for (const id of ['a', 'b', 'a', 'b', 'a']) activity.note(id);
    world.now = 7;
    await activity.flush();
    await activity.flush();
    assert.deepEqual(world.touched, [{ ids: ['a', 'b'], at: 7 }]);
  });

  it('is written again after five minutes', async () => {
    const { activity, world } = setUp();
    for (const now of [0, MINUTE, 5 * MINUTE - 1, 5 * MINUTE]) {
      world.now = now;
      activity.note('a');
      await activity.flush();
    }
    assert.deepEqual(
      world.touched.map(({ at }) => at),
      [0, 5 * MINUTE],
    );
  });

  it('is recorded again by the next use if it could not be written', async () => {
    const { activity, world } = setUp();
    world.failing = true;
    activity.note('a');
    await activity.flush();
    world.failing = false;
    activity.note('a');
    await activity.stop();
    assert.deepEqual(world.touched, [{ ids: ['a'], at: 0 }]);
  });
});
