import assert from 'node:assert/strict';
import type { RunningService } from '@parley/backend-common';
import { testRedisUrl } from '@parley/backend-common/testing';

import { call, heard } from '../../support/connections.ts';
import { request } from '../../support/http.ts';
import { TestStack } from '../../support/stack.ts';
import { switchProxy, type SwitchProxy } from '../../support/switch-proxy.ts';
import { until } from '../../support/until.ts';

describe('nodes that start while Redis is away', () => {
  let stack: TestStack;
  let redis: SwitchProxy;
  let nodes: [RunningService, RunningService];

  before(async () => {
    stack = await TestStack.create();
    redis = await switchProxy(Number(new URL(testRedisUrl()).port));
    redis.off();
    const env = { REDIS_URL: `redis://127.0.0.1:${redis.port}`, PARLEY_RATE_LIMITS: 'off' };
    nodes = await Promise.all([stack.node(env), stack.node(env)]);
  });
  after(async () => {
    await stack.close();
    await redis.close();
  });

  const redisAt = async (index: 0 | 1) =>
    ((await request(`${nodes[index].url}/readyz`)).body as { redis: string }).redis;

  it('serve at once as after a lost link, and exchange events as soon as Redis is there', async () => {
    const [ann, bo] = [await stack.people.create(), await stack.people.create()];
    const conversationId = await stack.direct(nodes[0].url, ann, bo);
    const [mine, theirs] = [
      await stack.connections.open(nodes[0].url, ann),
      await stack.connections.open(nodes[1].url, bo),
    ];
    await Promise.all([call(mine, 'sync'), call(theirs, 'sync')]);
    assert.deepEqual([await redisAt(0), await redisAt(1)], ['down', 'down']);
    const { seq } = (await call(mine, 'message:send', {
      ...{ conversationId, clientId: 'one', text: 'Is anybody there?' },
    })) as { seq: number };
    assert.ok(seq > 0);

    redis.on();
    await until(async () => (await redisAt(0)) === 'up' && (await redisAt(1)) === 'up');
    // Typing is carried by Redis alone, and so shows that the adapter has its subscriptions.
    const typing = heard(theirs, 'typing');
    await call(mine, 'typing', { conversationId, typing: true });
    assert.equal((await typing).userId, ann.userId);
  });

  it('say in /readyz where there is no Redis at all', async () => {
    const alone = await stack.node();
    const { body, status } = await request(`${alone.url}/readyz`);
    assert.equal(status, 200);
    assert.equal((body as { redis: string }).redis, 'not configured');
  });
});
