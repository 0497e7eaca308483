import assert from 'node:assert/strict';
import { MINUTE, SECOND } from '@parley/common';
import { RevocationWatch, type SessionRecord } from '@parley/backend-common';
import { silentLogger } from '@parley/backend-common/testing';

function watchOver() {
  const world = {
    now: 10 * MINUTE,
    revoked: [] as SessionRecord[],
    askedSince: [] as number[],
    failing: false,
    told: [] as string[],
  };
  const watch = new RevocationWatch({
    sessions: {
      revokedSince: (since) => {
        world.askedSince.push(since);
        if (world.failing) return Promise.reject(new Error('away'));
        return Promise.resolve(world.revoked.filter(({ revokedAt }) => (revokedAt ?? 0) >= since));
      },
    },
    now: () => world.now,
    logger: silentLogger(),
    onRevoked: (ids) => world.told.push(...ids),
  });
  const revoke = (id: string, revokedAt: number) => {
    world.revoked.push({ id, userId: 'user', expiresAt: 0, revokedAt });
  };
  return { revoke, watch, world };
}

describe('the watch over revoked sessions', () => {
  it('tells each revocation once', async () => {
    const { revoke, watch, world } = watchOver();
    revoke('a', world.now);
    await watch.look();
    world.now += 2 * SECOND;
    revoke('b', world.now);
    await watch.look();
    assert.deepEqual(world.told, ['a', 'b']);
  });

  it('finds a revocation that became visible long after its date', async () => {
    const { revoke, watch, world } = watchOver();
    for (let look = 0; look < 15; look += 1) {
      world.now += 2 * SECOND;
      await watch.look();
    }
    revoke('late', world.now - 30 * SECOND);
    await watch.look();
    assert.deepEqual(world.told, ['late']);
  });

  it('catches up after the database was away', async () => {
    const { revoke, watch, world } = watchOver();
    world.failing = true;
    revoke('a', world.now);
    for (let look = 0; look < 100; look += 1) {
      world.now += 2 * SECOND;
      await watch.look();
    }
    world.failing = false;
    await watch.look();
    assert.deepEqual(world.told, ['a']);
  });

  it('does not ask while it still waits for the answer before', async () => {
    const { watch, world } = watchOver();
    await Promise.all([watch.look(), watch.look(), watch.look()]);
    assert.equal(world.askedSince.length, 1);
    await watch.look();
    assert.equal(world.askedSince.length, 2);
  });
});
