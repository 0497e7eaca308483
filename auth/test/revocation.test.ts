import { setTimeout as delay } from 'node:timers/promises';
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { connectRedis, waitForRedis } from '@parley/backend-common';
import { silentLogger, testRedisUrl } from '@parley/backend-common/testing';
import { createAdapter } from '@socket.io/redis-adapter';
import { Server } from 'socket.io';

import { AuthService, PASSWORD, assertRefused } from './support/auth-service.ts';

/** A Socket.IO server that receives the events of revoked sessions as a messaging node does, and records them. */
async function startNode() {
  const logger = silentLogger();
  const [publisher, subscriber] = [1, 2].map((number) =>
    connectRedis({ url: testRedisUrl(), name: `node-${number}`, logger }),
  ) as [ReturnType<typeof connectRedis>, ReturnType<typeof connectRedis>];
  await Promise.all([waitForRedis(publisher), waitForRedis(subscriber)]);
  const io = new Server(createServer(), { adapter: createAdapter(publisher, subscriber) });
  const received: unknown[] = [];
  const waiting: (() => void)[] = [];
  io.on('session:revoked', (ids: unknown) => {
    received.push(ids);
    for (const resolve of waiting.splice(0)) resolve();
  });
  const next = () => new Promise<void>((resolve) => void waiting.push(resolve));
  const close = async () => {
    await io.close();
    publisher.disconnect();
    subscriber.disconnect();
  };
  return { received, next, close };
}

/** A proxy to Redis that refuses connections until `open` is called. */
async function closedRedisProxy() {
  const sockets = new Set<Socket>();
  const server = createTcpServer((client) => {
    const target = connect(Number(new URL(testRedisUrl()).port), '127.0.0.1');
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    client.pipe(target).pipe(client);
  });
  const listen = (port: number) =>
    new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const close = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { url: `redis://127.0.0.1:${port}`, open: () => listen(port), close };
}

describe('revoked sessions', () => {
  it('are announced to every node through Redis', async () => {
    const nodes = [await startNode(), await startNode()];
    const auth = await AuthService.start({ env: { REDIS_URL: testRedisUrl() } });
    try {
      const { session, sessionToken: token } = await auth.register('alice');
      const others = [
        (await auth.login('alice', PASSWORD)).data.session.id,
        (await auth.login('alice', PASSWORD)).data.session.id,
      ];
      let told = Promise.all(nodes.map((node) => node.next()));
      assert.equal((await auth.call('DELETE', '/auth/sessions', { token })).status, 204);
      await told;
      told = Promise.all(nodes.map((node) => node.next()));
      assert.equal((await auth.call('POST', '/auth/logout', { token })).status, 204);
      await told;
      for (const { received } of nodes) {
        assert.deepEqual((received[0] as string[]).toSorted(), others.toSorted());
        assert.deepEqual(received[1], [session.id]);
      }
    } finally {
      await auth.drop();
      for (const node of nodes) await node.close();
    }
  });

  it('are revoked even if Redis does not answer', async () => {
    const auth = await AuthService.start({ env: { REDIS_URL: 'redis://127.0.0.1:1' } });
    try {
      const { sessionToken: token } = await auth.register('alice');
      assert.equal((await auth.call('GET', '/readyz')).status, 200);
      assert.equal((await auth.call('POST', '/auth/logout', { token })).status, 204);
      assertRefused(await auth.call('GET', '/me', { token }), 'session_expired');
      await auth.reached(() => auth.log.lines.some((line) => line.includes('announced')));
    } finally {
      await auth.drop();
    }
  });

  it('are announced once Redis is reachable, if it was not when the service started', async () => {
    const redis = await closedRedisProxy();
    const node = await startNode();
    const auth = await AuthService.start({ env: { REDIS_URL: redis.url } });
    try {
      await redis.open();
      await auth.register('alice');
      const ended: string[] = [];
      while (!ended.some((id) => JSON.stringify(node.received).includes(id))) {
        // Before Redis is reached, nothing is announced.
        const { session, sessionToken: token } = (await auth.login('alice', PASSWORD)).data;
        assert.equal((await auth.call('POST', '/auth/logout', { token })).status, 204);
        ended.push(session.id);
        await delay(50);
      }
    } finally {
      await auth.drop();
      await node.close();
      redis.close();
    }
  });

  it('end in every auth process, even if it has just verified them', async () => {
    const auth = await AuthService.start();
    const other = await AuthService.start({
      mongo: auth.mongo,
      overrides: { now: () => auth.clock.now },
    });
    try {
      const { sessionToken: token } = await auth.register('alice');
      assert.equal((await other.call('GET', '/me', { token })).status, 200);
      await auth.call('POST', '/auth/logout', { token });
      const deadline = performance.now() + 5_000;
      let status = 200;
      while (status !== 401 && performance.now() < deadline) {
        status = (await other.call('GET', '/me', { token })).status;
        // Without a pause, the requests would exceed the rate limit before the other process learns of the revocation.
        await delay(50);
      }
      assert.equal(status, 401);
    } finally {
      await other.stop();
      await auth.drop();
    }
  });
});
