import assert from 'node:assert/strict';
import { connectRedis, waitForRedis, type Redis } from '@parley/backend-common';
import { silentLogger, testRedisUrl } from '@parley/backend-common/testing';

import { presenceKey } from '../../src/transport/rooms/names.ts';
import {
  MemoryPresenceStore,
  RedisPresenceStore,
  type PresenceStore,
} from '../../src/presence/store.ts';
import { newId } from '../support/test-log.ts';

describe('the presence store', () => {
  let redis: Redis;
  let time: number;
  let alive: Set<string> | undefined;
  const now = () => time;
  const nodes = { alive: () => alive };

  before(async () => {
    redis = connectRedis({ url: testRedisUrl(), name: 'test', logger: silentLogger() });
    await waitForRedis(redis);
  });
  beforeEach(() => {
    time = 1_000_000;
    alive = new Set(['one', 'other', 'alive']);
  });
  after(() => redis.disconnect());

  const stores: [where: string, create: (nodeId: string) => PresenceStore][] = [
    ['in memory', () => new MemoryPresenceStore(now)],
    ['in Redis', (nodeId) => new RedisPresenceStore({ redis, nodeId, nodes, now })],
  ];
  for (const [where, create] of stores) {
    it(`keeps a user active ${where} until the given time, or a later one`, async () => {
      const store = create('one');
      const [ann, bo, cleo] = [newId(), newId(), newId()];
      const active = async () => [...((await store.activeAmong([ann, bo, cleo])) ?? [])];
      await store.setActiveUntil([ann, bo], time + 100);
      assert.deepEqual(await active(), [ann, bo]);
      time += 50;
      await store.setActiveUntil([bo], time + 100);
      time += 50;
      assert.deepEqual(await active(), [bo]);
      await store.setActiveUntil([bo], time);
      assert.deepEqual(await active(), []);
      assert.deepEqual([...((await store.activeAmong([])) ?? [])], []);
    });
  }

  it('counts a user as active while any node does, and a node ends only its own mark', async () => {
    const ann = newId();
    const [one, other] = ['one', 'other'].map(
      (nodeId) => new RedisPresenceStore({ redis, nodeId, nodes, now }),
    );
    await one!.setActiveUntil([ann], time + 100);
    await other!.setActiveUntil([ann], time + 100);
    await one!.setActiveUntil([ann], time);
    assert.deepEqual(await one!.activeAmong([ann]), new Set([ann]));
    await other!.setActiveUntil([ann], time);
    assert.deepEqual(await one!.activeAmong([ann]), new Set());
  });

  it('removes the entries of crashed nodes', async () => {
    const ann = newId();
    await new RedisPresenceStore({ redis, nodeId: 'dead', nodes, now }).setActiveUntil(
      [ann],
      time + 100,
    );
    time += 200;
    await new RedisPresenceStore({ redis, nodeId: 'alive', nodes, now }).setActiveUntil(
      [ann],
      time + 100,
    );
    assert.deepEqual(await redis.zrange(presenceKey(ann), '0', '-1'), ['alive']);
    assert.ok((await redis.pttl(presenceKey(ann))) > 0);
  });

  it('counts a user as active only on nodes that are alive', async () => {
    const [ann, bo] = [newId(), newId()];
    const [one, other] = ['one', 'other'].map(
      (nodeId) => new RedisPresenceStore({ redis, nodeId, nodes, now }),
    );
    await one!.setActiveUntil([ann, bo], time + 100);
    await other!.setActiveUntil([bo], time + 100);
    alive = new Set(['other']);
    assert.deepEqual(await other!.activeAmong([ann, bo]), new Set([bo]));
  });

  it('is unknown while nobody knows which nodes are alive', async () => {
    const store = new RedisPresenceStore({ redis, nodeId: 'one', nodes, now });
    const ann = newId();
    await store.setActiveUntil([ann], time + 100);
    alive = undefined;
    assert.equal(await store.activeAmong([ann]), null);
  });

  it('prolongs the mark of a user, or sets it again when Redis has lost it', async () => {
    const store = new RedisPresenceStore({ redis, nodeId: 'one', nodes, now });
    const [ann, bo] = [newId(), newId()];
    await store.setActiveUntil([ann], time + 100);
    await store.prolong([ann, bo], time + 200);
    time += 150;
    assert.deepEqual(await store.activeAmong([ann, bo]), new Set([ann, bo]));
    assert.ok((await redis.pttl(presenceKey(bo))) > 0);
  });

  it('uses one command for hundreds of users, whether it marks, prolongs or reads them', async () => {
    const commands: string[] = [];
    const counting = new Proxy(redis, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return (...given: unknown[]) => {
          commands.push(String(name));
          return Reflect.apply(value, target, given) as unknown;
        };
      },
    });
    const store = new RedisPresenceStore({ redis: counting, nodeId: 'one', nodes, now });
    const users = Array.from({ length: 2_000 }, () => newId());
    await store.setActiveUntil(users, time + 100);
    await store.prolong(users, time + 200);
    assert.deepEqual(await store.activeAmong([...users, newId()]), new Set(users));
    assert.deepEqual(commands, Array(4 + 4 + 5).fill('eval'));
    commands.length = 0;
    await store.setActiveUntil([], time);
    await store.prolong([], time);
    await store.activeAmong([]);
    assert.deepEqual(commands, []);
    await redis.del(users.map(presenceKey));
  });
});
