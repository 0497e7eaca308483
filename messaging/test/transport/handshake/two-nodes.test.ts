import assert from 'node:assert/strict';
import {
  connectRedis,
  waitForRedis,
  type Redis,
  type RunningService,
} from '@parley/backend-common';
import { silentLogger, testRedisUrl } from '@parley/backend-common/testing';
import { LIMITS } from '@parley/common';

import { call, closed, refusal } from '../../support/connections.ts';
import { TestStack } from '../../support/stack.ts';
import { switchProxy, type SwitchProxy } from '../../support/switch-proxy.ts';
import { request } from '../../support/http.ts';
import { until } from '../../support/until.ts';

describe('limits of two nodes', () => {
  let stack: TestStack;
  let redis: SwitchProxy;
  let direct: Redis;
  let nodes: [RunningService, RunningService];

  before(async () => {
    stack = await TestStack.create();
    redis = await switchProxy(Number(new URL(testRedisUrl()).port));
    direct = connectRedis({ url: testRedisUrl(), name: 'test', logger: silentLogger() });
    await waitForRedis(direct);
    const env = { REDIS_URL: `redis://127.0.0.1:${redis.port}` };
    nodes = [await stack.node(env), await stack.node(env)];
  });
  after(async () => {
    await stack.close();
    direct.disconnect();
    await redis.close();
  });

  it('count the connections of a user to both, or to one while Redis is away', async () => {
    const ann = await stack.people.create();
    const sockets = await Promise.all(
      Array.from({ length: LIMITS.socketsPerUser }, (_, index) =>
        stack.connections.open(nodes[index % 2 === 0 ? 0 : 1].url, ann),
      ),
    );
    for (const { url } of nodes) {
      const refused = await stack.connections.refused(url, { token: ann.token });
      assert.equal(refused.message, 'limit_reached');
    }
    const gone = closed(sockets[0]!);
    sockets[0]!.disconnect();
    await gone;
    // The end of a connection is published within a second.
    await until(async () => {
      try {
        await stack.connections.open(nodes[1].url, ann);
        return true;
      } catch {
        return false;
      }
    });

    redis.off();
    await until(async () => {
      const { body } = await request(`${nodes[0].url}/readyz`);
      return (body as { redis: string }).redis === 'down';
    });
    await stack.connections.open(nodes[0].url, ann);
    redis.on();
  });

  it('count the calls of a user to both', async () => {
    const ann = await stack.people.create();
    const sockets = [
      await stack.connections.open(nodes[0].url, ann),
      await stack.connections.open(nodes[1].url, ann),
    ] as const;
    // Calls of the class `list`: a burst is 20, and a bucket fills in 20 s.
    for (let taken = 0; taken < 20; taken += 1) await call(sockets[0], 'sync');
    for (let taken = 0; taken < 2; taken += 1) await call(sockets[1], 'sync');
    const shared = `parley:limit:messaging:list:${ann.userId}`;
    await until(async () => (await direct.pttl(shared)) > 20_000);
    let allowed = 0;
    await until(async () => {
      const code = await refusal(sockets[1], 'sync');
      if (code === undefined) allowed += 1;
      return code === 'rate_limited';
    });
    assert.ok(allowed < 10, `${allowed} calls were allowed`);
  });
});
