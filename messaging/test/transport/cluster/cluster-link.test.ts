import assert from 'node:assert/strict';
import { Metrics, PeriodicMetrics } from '@parley/backend-common';
import {
  manualTimers,
  recordingLogger,
  testRedisUrl,
  type ManualTimers,
} from '@parley/backend-common/testing';

import { ClusterLink } from '../../../src/transport/cluster/cluster-link.ts';
import { swallowingProxy, type SwallowingProxy } from '../../support/swallowing-proxy.ts';
import { until } from '../../support/until.ts';

/** Longer than a heartbeat takes on this machine. */
const BEATS_TO_DOWN = 5;

describe('the link through Redis', () => {
  let redis: SwallowingProxy;
  let timers: ManualTimers;
  let metrics: Metrics;
  let lines: readonly string[];
  let link: ClusterLink;

  beforeEach(async () => {
    redis = await swallowingProxy(Number(new URL(testRedisUrl()).port));
    timers = manualTimers();
    metrics = new Metrics('test');
    const recorded = recordingLogger();
    ({ lines } = recorded);
    link = new ClusterLink({
      nodeId: 'one',
      url: `redis://127.0.0.1:${redis.port}`,
      logger: recorded.logger,
      metrics,
      periodicMetrics: new PeriodicMetrics(metrics),
      unpublished: { inc: () => undefined },
      reportFault: (fault, error) => assert.fail(`${fault}: ${String(error)}`),
      setTimer: timers.setTimer,
    });
    await link.open();
  });
  afterEach(async () => {
    await link.close();
    await redis.close();
  });

  /** Lets the time of one heartbeat pass. */
  const beat = async () => {
    timers.fire();
    // The timer of the next heartbeat is set when this one is sent.
    await until(() => timers.delays.includes(2_000));
  };
  const value = async (name: string) =>
    (await metrics.registry.getMetricsAsJSON()).find((each) => each.name === name)?.values[0]
      ?.value;
  const changes = () =>
    lines.map((line) => JSON.parse(line) as { msg: string }).map(({ msg }) => msg);

  it('is up as soon as a heartbeat has come back', async () => {
    assert.equal(link.state.isUp, true);
    assert.equal(await value('parley_redis_up'), 1);
    assert.ok(Number(await value('parley_redis_heartbeat_seconds')) >= 0);
    assert.deepEqual(changes(), ['Events of other nodes arrive through Redis']);
  });

  for (const [what, swallowed] of Object.entries({
    'delivers nothing, although it accepts what is published': {
      direction: 'to client',
      marker: 'parley-messaging-subscriber',
    },
    'takes nothing from this node': { direction: 'to server' },
    'answers nothing at all': { direction: 'to client' },
  } as const)) {
    it(`is down within 10 s when Redis ${what}, and up again on new connections`, async () => {
      const seen: boolean[] = [];
      link.state.subscribe((isUp) => void seen.push(isUp));
      redis.swallow(swallowed);
      const { accepted } = redis;
      for (let round = 0; round < BEATS_TO_DOWN; round += 1) {
        assert.deepEqual(seen, []);
        await beat();
      }
      assert.deepEqual(seen, [false]);
      assert.equal(await value('parley_redis_up'), 0);
      redis.pass();
      await until(() => seen.length === 2);
      assert.deepEqual(seen, [false, true]);
      assert.ok(redis.accepted >= accepted + 2);
      assert.equal(changes().length, 3, changes().join('\n'));
    });
  }
});
