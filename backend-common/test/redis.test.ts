import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import { connectRedis, waitForRedis } from '@parley/backend-common';
import { silentLogger, testRedisUrl } from '@parley/backend-common/testing';

describe('a connection to Redis', () => {
  it('serves commands once it is connected', async () => {
    const redis = connectRedis({ url: testRedisUrl(), name: 'test', logger: silentLogger() });
    try {
      await waitForRedis(redis);
      assert.equal(await redis.ping(), 'PONG');
    } finally {
      redis.disconnect();
    }
  });

  it('fails commands at once while Redis is unreachable, and stops waiting for it', async () => {
    const port = await closedPort();
    const redis = connectRedis({
      url: `redis://127.0.0.1:${port}`,
      name: 'test',
      logger: silentLogger(),
    });
    try {
      await assert.rejects(redis.publish('channel', 'message'));
      await assert.rejects(waitForRedis(redis, 0));
    } finally {
      redis.disconnect();
    }
  });
});

async function closedPort(): Promise<number> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
}
