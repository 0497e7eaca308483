import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  EXCHANGES,
  Metrics,
  PeriodicMetrics,
  SharedBuckets,
  connectRedis,
  waitForRedis,
  type Redis,
} from '@parley/backend-common';
import { manualTimers, silentLogger, testRedisUrl } from '@parley/backend-common/testing';

/** One token a second, so that the milliseconds that the test itself takes do not matter. */
const LIMIT = { perSecond: 1, burst: 10 };

describe('token buckets that nodes share', () => {
  let redis: Redis;
  let name: string;
  let time: number;
  let calls: number;
  let isAway: boolean;
  let isMute: boolean;

  before(async () => {
    redis = connectRedis({ url: testRedisUrl(), name: 'test', logger: silentLogger() });
    await waitForRedis(redis);
  });
  beforeEach(() => {
    [name, time, calls] = [`test-${randomUUID()}`, 1_000, 0];
    [isAway, isMute] = [false, false];
  });
  after(() => redis.disconnect());

  const node = () => {
    const timers = manualTimers();
    const metrics = new Metrics('test');
    const counted = {
      eval(...args: Parameters<Redis['eval']>) {
        calls += 1;
        return redis.eval(...args).then((answer) => {
          if (isMute) throw new Error('Command timed out');
          return answer;
        });
      },
      get status() {
        return isAway ? 'reconnecting' : 'ready';
      },
    } as unknown as Redis;
    const exchanges = metrics.counter(...EXCHANGES);
    const shared = new SharedBuckets({
      ...{ redis: counted, name, exchanges, logger: silentLogger() },
      metrics: new PeriodicMetrics(metrics),
      now: () => time,
      setTimer: timers.setTimer,
    });
    shared.start();
    return {
      take: (tokens: number, key = 'ann') => {
        for (let token = 0; token < tokens; token += 1) shared.buckets.take(key, LIMIT);
      },
      /** One exchange; the next timer is set when it has ended. */
      exchange: async () => {
        timers.fire();
        while (timers.delays.length === 0) await new Promise((resolve) => setImmediate(resolve));
      },
      result: async (result: string) =>
        (await exchanges.get()).values.find(({ labels }) => labels.result === result)?.value,
    };
  };
  const limited = { code: 'rate_limited' };

  it('allow a user of two nodes no more than the limit, apart from what both allow before an exchange', async () => {
    const [one, two] = [node(), node()];
    one.take(6);
    await one.exchange();
    two.take(1);
    await two.exchange();
    two.take(3);
    assert.throws(() => two.take(1), limited);
    await two.exchange();
    one.take(1);
    await one.exchange();
    assert.throws(() => one.take(1), limited);
    assert.equal(await one.result('ok'), 2);
  });

  it('do not slow down a user of one node', async () => {
    const one = node();
    for (let round = 0; round < 5; round += 1) {
      one.take(10);
      time += 10_000;
      await one.exchange();
    }
    one.take(10);
    assert.throws(() => one.take(1), limited);
  });

  it('limit on each node alone while Redis is away, and report what was taken when it is back', async () => {
    const [one, two] = [node(), node()];
    isAway = true;
    one.take(10);
    await one.exchange();
    assert.throws(() => one.take(1), limited);
    two.take(1);
    assert.equal(await one.result('failed'), 1);
    isAway = false;
    await one.exchange();
    await two.exchange();
    assert.throws(() => two.take(1), limited);
  });

  it('count once what was taken while Redis did not answer, however often it was exchanged', async () => {
    const one = node();
    isMute = true;
    one.take(5);
    for (let round = 0; round < 5; round += 1) await one.exchange();
    isMute = false;
    one.take(1);
    await one.exchange();
    one.take(4);
    assert.throws(() => one.take(1), limited);
    assert.equal(await one.result('failed'), 1);
  });

  it('go on when Redis comes back empty', async () => {
    const [one, two] = [node(), node()];
    one.take(10);
    await one.exchange();
    await redis.del(`parley:limit:${name}:ann`);
    assert.throws(() => one.take(1), limited);
    two.take(6);
    await two.exchange();
    two.take(4);
    assert.throws(() => two.take(1), limited);
  });

  it('exchange at most 1,000 keys at once, in calls of 250', async () => {
    const one = node();
    for (let key = 0; key < 1_100; key += 1) one.take(1, `user-${key}`);
    await one.exchange();
    assert.equal(calls, 4);
    await one.exchange();
    assert.equal(calls, 5);
    await one.exchange();
    assert.equal(calls, 5);
  });

  it('forget in Redis what is refilled', async () => {
    const one = node();
    one.take(2);
    await one.exchange();
    const left = await redis.pttl(`parley:limit:${name}:ann`);
    assert.ok(left > 0 && left <= 2_000, `${left}`);
  });
});
