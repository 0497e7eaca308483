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
  const now = () => time;

  before(async () => {
    redis = connectRedis({ url: testRedisUrl(), name: 'test', logger: silentLogger() });
    await waitForRedis(redis);
  });
  beforeEach(() => (time = 1_000_000));
  after(() => redis.disconnect());

  const stores: [where: string, create: (nodeId: string) => PresenceStore][] = [
    ['in memory', () => new MemoryPresenceStore(now)],
    ['in Redis', (nodeId) => new RedisPresenceStore({ redis, nodeId, now })],
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
      (nodeId) => new RedisPresenceStore({ redis, nodeId, now }),
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
    await new RedisPresenceStore({ redis, nodeId: 'dead', now }).setActiveUntil([ann], time + 100);
    time += 200;
    await new RedisPresenceStore({ redis, nodeId: 'alive', now }).setActiveUntil([ann], time + 100);
    assert.deepEqual(await redis.zrange(presenceKey(ann), '0', '-1'), ['alive']);
    assert.ok((await redis.pttl(presenceKey(ann))) > 0);
  });

  it('is unknown after a reconnect to Redis, until all nodes have marked their users again', async () => {
    const own = connectRedis({ url: testRedisUrl(), name: 'test', logger: silentLogger() });
    await waitForRedis(own);
    const store = new RedisPresenceStore({ redis: own, nodeId: 'one', now });
    const ann = newId();
    await store.setActiveUntil([ann], time + 60_000);
    const back = new Promise((resolve) => own.once('ready', resolve));
    own.disconnect(true);
    await assert.rejects(store.activeAmong([ann]));
    await back;
    assert.equal(await store.activeAmong([ann]), null);
    time += 5_000;
    assert.deepEqual(await store.activeAmong([ann]), new Set([ann]));
    own.disconnect();
  });
});
