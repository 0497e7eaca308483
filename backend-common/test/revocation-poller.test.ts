import assert from 'node:assert/strict';
import { MINUTE, SECOND } from '@parley/common';
import {
  Metrics,
  PeriodicMetrics,
  RevocationPoller,
  type SessionRecord,
} from '@parley/backend-common';
import { silentLogger } from '@parley/backend-common/testing';

function setUp() {
  const world = {
    now: 10 * MINUTE,
    revoked: [] as SessionRecord[],
    readSince: [] as number[],
    failing: false,
    reported: [] as string[],
  };
  const poller = new RevocationPoller({
    sessions: {
      revokedSince: (since) => {
        world.readSince.push(since);
        if (world.failing) return Promise.reject(new Error('away'));
        return Promise.resolve(world.revoked.filter(({ revokedAt }) => (revokedAt ?? 0) >= since));
      },
    },
    now: () => world.now,
    metrics: new PeriodicMetrics(new Metrics('test')),
    logger: silentLogger(),
    onRevoked: (ids) => world.reported.push(...ids),
  });
  const revoke = (id: string, revokedAt: number) => {
    world.revoked.push({ id, userId: 'user', expiresAt: 0, revokedAt });
  };
  return { revoke, poller, world };
}

describe('the poller of revoked sessions', () => {
  it('reports each revocation once', async () => {
    const { revoke, poller, world } = setUp();
    revoke('a', world.now);
    await poller.poll();
    world.now += 2 * SECOND;
    revoke('b', world.now);
    await poller.poll();
    assert.deepEqual(world.reported, ['a', 'b']);
  });

  it('finds a revocation that became visible long after its date', async () => {
    const { revoke, poller, world } = setUp();
    for (let poll = 0; poll < 15; poll += 1) {
      world.now += 2 * SECOND;
      await poller.poll();
    }
    revoke('late', world.now - 30 * SECOND);
    await poller.poll();
    assert.deepEqual(world.reported, ['late']);
  });

  it('catches up after an outage of the database', async () => {
    const { revoke, poller, world } = setUp();
    world.failing = true;
    revoke('a', world.now);
    for (let poll = 0; poll < 100; poll += 1) {
      world.now += 2 * SECOND;
      await poller.poll();
    }
    world.failing = false;
    await poller.poll();
    assert.deepEqual(world.reported, ['a']);
  });

  it('does not poll while a poll is in progress', async () => {
    const { poller, world } = setUp();
    await Promise.all([poller.poll(), poller.poll(), poller.poll()]);
    assert.equal(world.readSince.length, 1);
    await poller.poll();
    assert.equal(world.readSince.length, 2);
  });
});
