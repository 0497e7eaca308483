import assert from 'node:assert/strict';
import {
  connectRedis,
  waitForRedis,
  type Redis,
  type RunningService,
} from '@parley/backend-common';
import { silentLogger, testRedisUrl } from '@parley/backend-common/testing';
import type { Presence } from '@parley/common/contract';
import type { Socket } from 'socket.io-client';

import { presenceKey } from '../../src/transport/rooms/names.ts';
import { call, collected, heard } from '../support/connections.ts';
import type { Person } from '../support/people.ts';
import { TestStack } from '../support/stack.ts';
import { switchProxy, type SwitchProxy } from '../support/switch-proxy.ts';
import { until } from '../support/until.ts';

const GRACE = 200;

async function presenceOf(socket: Socket, { userId }: Person): Promise<Presence | undefined> {
  const { presences } = (await call(socket, 'presence:watch', { userIds: [userId] })) as {
    presences: Presence[];
  };
  return presences[0];
}

describe('presence over two nodes', () => {
  let stack: TestStack;
  let redis: SwitchProxy;
  let direct: Redis;
  let here: RunningService;
  let there: RunningService;

  before(async () => {
    stack = await TestStack.create();
    direct = connectRedis({ url: testRedisUrl(), name: 'test', logger: silentLogger() });
    await waitForRedis(direct);
    redis = await switchProxy(Number(new URL(testRedisUrl()).port));
    const env = {
      REDIS_URL: `redis://127.0.0.1:${redis.port}`,
      PARLEY_RATE_LIMITS: 'off',
    };
    here = await stack.node(env, { presenceGrace: GRACE });
    there = await stack.node(env, { presenceGrace: GRACE });
  });
  after(async () => {
    await stack.close();
    direct.disconnect();
    await redis.close();
  });

  const friends = async (): Promise<[Person, Person]> => {
    const [ann, bo] = [await stack.people.create(), await stack.people.create()];
    await stack.acquaint(here.url, ann, bo);
    return [ann, bo];
  };

  it('notifies watchers on one node of users who connect to and leave the other', async () => {
    const [ann, bo] = await friends();
    const watching = await stack.connections.open(here.url, ann);
    assert.equal((await presenceOf(watching, bo))?.online, false);
    const comes = heard(watching, 'presence');
    const theirs = await stack.connections.open(there.url, bo);
    assert.equal((await comes).online, true);
    const goes = heard(watching, 'presence');
    theirs.disconnect();
    assert.equal((await goes).online, false);
  });

  it('is online while a device is connected to any node', async () => {
    const [ann, bo] = await friends();
    const phone = await stack.connections.open(here.url, bo);
    const laptop = await stack.connections.open(there.url, bo);
    const watching = await stack.connections.open(here.url, ann);
    await until(async () => (await presenceOf(watching, bo))?.online === true);
    const events = collected(watching, 'presence');
    phone.disconnect();
    const goes = heard(watching, 'presence', ({ online }) => online === false);
    laptop.disconnect();
    await goes;
    assert.equal(events.filter(({ online }) => online === false).length, 1);
  });

  it('is unknown while Redis is unavailable, and known again afterwards; nothing else stops', async () => {
    const [ann, bo] = await friends();
    const mine = await stack.connections.open(here.url, ann);
    const theirs = await stack.connections.open(here.url, bo);
    await until(async () => (await presenceOf(mine, bo))?.online === true);
    await call(theirs, 'sync');

    redis.off();
    await until(async () => (await presenceOf(mine, bo))?.online === null);
    const { heads } = (await call(mine, 'sync')) as { heads: { conversationId: string }[] };
    const conversationId = heads[0]!.conversationId;
    const arrives = heard(theirs, 'entry');
    await call(mine, 'message:send', { conversationId, clientId: 'one', text: 'Still here?' });
    assert.equal((await arrives).clientId, 'one');
    const cleo = await stack.people.create();
    const joins = await stack.connections.open(there.url, cleo);
    assert.equal((await presenceOf(joins, cleo))?.online, null);

    // Redis comes back empty.
    await direct.del(presenceKey(bo.userId));
    const known = heard(mine, 'presence', ({ online }) => online === true);
    redis.on();
    await until(async () => (await presenceOf(mine, bo))?.online === true);
    await known;
  });

  it('ends with the heartbeats of a node, long before what it has written expires', async () => {
    const own = await switchProxy(Number(new URL(testRedisUrl()).port));
    try {
      const env = { REDIS_URL: `redis://127.0.0.1:${own.port}`, PARLEY_RATE_LIMITS: 'off' };
      const dying = await stack.node(env, { presenceGrace: GRACE });
      const [ann, bo] = await friends();
      const watching = await stack.connections.open(here.url, ann);
      await stack.connections.open(dying.url, bo);
      await until(async () => (await presenceOf(watching, bo))?.online === true);
      const goes = heard(watching, 'presence', ({ online }) => online === false);
      // To the other nodes, a node that Redis does not reach looks like one that was killed.
      own.off();
      assert.equal((await goes).userId, bo.userId);
    } finally {
      await own.close();
    }
  });
});
