import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import {
  Metrics,
  PeriodicMetrics,
  connectRedis,
  waitForRedis,
  type Redis,
} from '@parley/backend-common';
import { manualTimers, silentLogger, testRedisUrl } from '@parley/backend-common/testing';

import { ConnectionCounts } from '../../../src/transport/handshake/connection-counts.ts';
import { SharedConnections } from '../../../src/transport/handshake/shared-connections.ts';
import { swallowingProxy } from '../../support/swallowing-proxy.ts';

const ADDRESS = '198.51.100.0';

describe('connections that nodes share', () => {
  let redis: Redis;
  let userId: string;
  let alive: Set<string> | undefined;

  before(async () => {
    redis = connectRedis({ url: testRedisUrl(), name: 'test', logger: silentLogger() });
    await waitForRedis(redis);
  });
  beforeEach(() => {
    userId = randomUUID();
    alive = new Set(['one', 'two', 'three']);
  });
  afterEach(() => redis.del(`parley:connections:address:${ADDRESS}`));
  after(() => redis.disconnect());

  const node = (nodeId: string, through = redis) => {
    const counts = { user: new ConnectionCounts(), address: new ConnectionCounts() };
    const metrics = new Metrics('test');
    const timers = manualTimers();
    const lookups = metrics.counter('lookups', 'Look-ups', { result: ['ok', 'failed'] });
    const shared = new SharedConnections({
      ...{ redis: through, nodeId, counts, lookups, logger: silentLogger() },
      nodes: { alive: () => alive },
      periodicMetrics: new PeriodicMetrics(metrics),
      setTimer: timers.setTimer,
    });
    shared.start();
    return {
      shared,
      elsewhere: () => shared.of(userId, ADDRESS),
      open: () => {
        const connection = new EventEmitter();
        counts.user.enter(userId, connection);
        counts.address.enter(ADDRESS, connection);
        return connection;
      },
      /** Publishes what has changed; the next timer is set when that is done. */
      publish: async () => {
        timers.fire();
        while (timers.delays.length === 0) await new Promise((resolve) => setImmediate(resolve));
      },
      failed: async () =>
        (await lookups.get()).values.find(({ labels }) => labels['result'] === 'failed')?.value,
    };
  };

  it('are counted over all nodes, without those of the node that asks', async () => {
    const [one, two, three] = [node('one'), node('two'), node('three')];
    one.open();
    two.open();
    two.open();
    await two.publish();
    assert.deepEqual(await one.elsewhere(), { user: 2, address: 2 });
    assert.deepEqual(await three.elsewhere(), { user: 3, address: 3 });
  });

  it('are published by the look-up itself, so that of two nodes at the same time one sees both', async () => {
    const [one, two] = [node('one'), node('two')];
    one.open();
    two.open();
    const [atOne, atTwo] = await Promise.all([one.elsewhere(), two.elsewhere()]);
    assert.equal(Math.max(atOne.user, atTwo.user), 1);
  });

  it('do not count any more when they are closed', async () => {
    const [one, two] = [node('one'), node('two')];
    const connection = two.open();
    await two.publish();
    connection.emit('close');
    await two.publish();
    assert.deepEqual(await one.elsewhere(), { user: 0, address: 0 });
    assert.equal(await redis.exists(`parley:connections:user:${userId}`), 0);
  });

  it('do not count when their node has died, and are removed', async () => {
    const [one, two] = [node('one'), node('two')];
    one.open();
    two.open();
    await two.publish();
    alive = new Set(['one']);
    assert.deepEqual(await one.elsewhere(), { user: 0, address: 0 });
    const fields = await redis.hkeys(`parley:connections:user:${userId}`);
    assert.deepEqual(fields, ['one']);
  });

  it('are published again when Redis has come back empty', async () => {
    const [one, two] = [node('one'), node('two')];
    two.open();
    await two.publish();
    await redis.del(`parley:connections:user:${userId}`, `parley:connections:address:${ADDRESS}`);
    assert.deepEqual(await one.elsewhere(), { user: 0, address: 0 });
    two.shared.renew();
    await two.shared.stop();
    assert.deepEqual(await one.elsewhere(), { user: 1, address: 1 });
  });

  it('are renewed once a minute before they expire', async () => {
    const two = node('two');
    two.open();
    for (let second = 0; second < 60; second += 1) await two.publish();
    const key = `parley:connections:user:${userId}`;
    await redis.pexpire(key, 1_000);
    for (let second = 0; second < 60; second += 1) await two.publish();
    assert.ok((await redis.pttl(key)) > 60_000);
  });

  it('count on this node alone while the other nodes are not known', async () => {
    const [one, two] = [node('one'), node('two')];
    two.open();
    await two.publish();
    alive = undefined;
    assert.deepEqual(await one.elsewhere(), { user: 0, address: 0 });
  });

  it('count on this node alone when Redis does not answer within a quarter of a second', async () => {
    const proxy = await swallowingProxy(Number(new URL(testRedisUrl()).port));
    const url = `redis://127.0.0.1:${proxy.port}`;
    const slow = connectRedis({ url, name: 'slow', logger: silentLogger() });
    try {
      await waitForRedis(slow);
      const [one, two] = [node('one', slow), node('two')];
      two.open();
      await two.publish();
      proxy.swallow({ direction: 'to client' });
      const startedAt = performance.now();
      assert.deepEqual(await one.elsewhere(), { user: 0, address: 0 });
      assert.ok(performance.now() - startedAt < 4_000);
      assert.equal(await one.failed(), 1);
    } finally {
      slow.disconnect();
      await proxy.close();
    }
  });
});
