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

describe('who is there', () => {
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
    it(`is kept ${where} until its time is over, or said again`, async () => {
      const store = create('one');
      const [ann, bo, cleo] = [newId(), newId(), newId()];
      const present = async () => [...((await store.present([ann, bo, cleo])) ?? [])];
      await store.keep([ann, bo], time + 100);
      assert.deepEqual(await present(), [ann, bo]);
      time += 50;
      await store.keep([bo], time + 100);
      time += 50;
      assert.deepEqual(await present(), [bo]);
      await store.keep([bo], time);
      assert.deepEqual(await present(), []);
      assert.deepEqual([...((await store.present([])) ?? [])], []);
    });
  }

  it('is what any node says, and each takes back only what it said itself', async () => {
    const ann = newId();
    const [one, other] = ['one', 'other'].map(
      (nodeId) => new RedisPresenceStore({ redis, nodeId, now }),
    );
    await one!.keep([ann], time + 100);
    await other!.keep([ann], time + 100);
    await one!.keep([ann], time);
    assert.deepEqual(await one!.present([ann]), new Set([ann]));
    await other!.keep([ann], time);
    assert.deepEqual(await one!.present([ann]), new Set());
  });

  it('leaves nothing of nodes that died', async () => {
    const ann = newId();
    await new RedisPresenceStore({ redis, nodeId: 'dead', now }).keep([ann], time + 100);
    time += 200;
    await new RedisPresenceStore({ redis, nodeId: 'alive', now }).keep([ann], time + 100);
    assert.deepEqual(await redis.zrange(presenceKey(ann), '0', '-1'), ['alive']);
    assert.ok((await redis.pttl(presenceKey(ann))) > 0);
  });

  it('is not known for a while after Redis was away, until the nodes have said it again', async () => {
    const own = connectRedis({ url: testRedisUrl(), name: 'test', logger: silentLogger() });
    await waitForRedis(own);
    const store = new RedisPresenceStore({ redis: own, nodeId: 'one', now });
    const ann = newId();
    await store.keep([ann], time + 60_000);
    const back = new Promise((resolve) => own.once('ready', resolve));
    own.disconnect(true);
    await assert.rejects(store.present([ann]));
    await back;
    assert.equal(await store.present([ann]), null);
    time += 5_000;
    assert.deepEqual(await store.present([ann]), new Set([ann]));
    own.disconnect();
  });
});
