import assert from 'node:assert/strict';
import {
  connectRedis,
  waitForRedis,
  type Redis,
  type RunningService,
} from '@parley/backend-common';
import type { UserDocument } from '@parley/backend-common/domain';
import {
  silentLogger,
  testObjectStoreSettings,
  testRedisUrl,
} from '@parley/backend-common/testing';
import type { Conversation } from '@parley/common/contract';
import { Emitter } from '@socket.io/redis-emitter';
import type { Socket } from 'socket.io-client';

import { ask, call, closed } from '../support/connections.ts';
import type { Person } from '../support/people.ts';
import { TestStack } from '../support/stack.ts';
import { newId } from '../support/test-log.ts';
import { until } from '../support/until.ts';

describe('a deleted account shows to those who have a direct conversation with it', () => {
  let stack: TestStack;
  let redis: Redis;
  let env: Record<string, string>;
  let node: RunningService;
  let reached: string[];

  before(async () => {
    redis = connectRedis({ url: testRedisUrl(), name: 'test', logger: silentLogger() });
    await waitForRedis(redis);
    const store = testObjectStoreSettings();
    env = {
      PARLEY_RATE_LIMITS: 'off',
      REDIS_URL: testRedisUrl(),
      S3_ENDPOINT: store.endpoint,
      S3_BUCKET: store.bucket,
      S3_ACCESS_KEY_ID: store.secret.accessKeyId,
      S3_SECRET_ACCESS_KEY: store.secret.secretAccessKey,
    };
  });
  after(() => redis.disconnect());

  beforeEach(async () => {
    stack = await TestStack.create();
    reached = [];
    const onStep = (name: string) => void reached.push(name);
    node = await stack.node(env, { accountRemoval: { every: 10, onStep } });
  });
  afterEach(() => stack.close());

  /** Deletes an account as the auth service does. */
  const deleteAccount = async ({ userId }: Person) => {
    const at = Date.now();
    const gone = { deletedAt: at, removalSince: at, profileChangedAt: at, displayName: null };
    await stack.mongo.db
      .collection<UserDocument>('users')
      .updateOne({ _id: userId }, { $set: gone });
    await stack.mongo.db
      .collection('sessions')
      .updateMany({ userId }, { $set: { revokedAt: at, removeAt: new Date(at + 86_400_000) } });
  };

  /** Ben, who knows a user that will delete the account and one that will block him. */
  async function twoThatVanish() {
    const [ben, leaver, blocker] = [
      await stack.people.create(),
      await stack.people.create(),
      await stack.people.create(),
    ];
    const onBen = await stack.connections.open(node.url, ben);
    const fromLeaver = await stack.acquaint(node.url, ben, leaver);
    const fromBlocker = await stack.acquaint(node.url, ben, blocker);
    return { ben, leaver, blocker, onBen, fromLeaver, fromBlocker };
  }
  /** What Ben can find out about another user, with the ids replaced. */
  async function seenBy(onBen: Socket, other: Person, conversationId: string) {
    const asked = async (name: string, input: object) => {
      const answer = await ask(onBen, name, input);
      return JSON.stringify(answer).replaceAll(other.userId, 'other');
    };
    const file = { name: 'a.txt', contentType: 'text/plain', size: 1 };
    const { peer, receipts = [] } = (await call(onBen, 'conversation:get', {
      conversationId,
    })) as Conversation;
    return {
      peer: { ...peer, id: 'other' },
      receipts: receipts.filter(({ userId }) => userId === other.userId).length,
      message: await asked('message:send', { conversationId, clientId: newId(), text: 'Hello?' }),
      create: await asked('conversation:create', { kind: 'direct', userId: other.userId }),
      presence: await asked('presence:watch', { userIds: [other.userId] }),
      file: await asked('attachment:create', { conversationId, ...file }),
    };
  }

  it('what a block shows, long before anything else is removed', async () => {
    const { ben, blocker, fromBlocker, fromLeaver, leaver, onBen } = await twoThatVanish();
    const onLeaver = await stack.connections.open(node.url, leaver);
    const onBlocker = await stack.connections.open(node.url, blocker);
    await call(onBen, 'presence:watch', { userIds: [leaver.userId, blocker.userId] });
    await call(onBlocker, 'block:add', { userId: ben.userId });
    const left = closed(onLeaver);
    await deleteAccount(leaver);
    await until(() => reached.includes('direct'));
    await left;
    const blocked = await seenBy(onBen, blocker, fromBlocker);
    assert.match(blocked.message, /recipient_unavailable/);
    await until(async () => {
      const deleted = await seenBy(onBen, leaver, fromLeaver);
      return JSON.stringify(deleted) === JSON.stringify(blocked);
    });
    assert.deepEqual(await seenBy(onBen, leaver, fromLeaver), blocked);
    const others = reached.filter((step) => step !== 'direct' && step !== 'link');
    assert.deepEqual(others, []);
  });

  it('at once when its sessions end, without waiting for the next look', async () => {
    const lazy = await stack.node(env, { accountRemoval: { every: 3_600_000 } });
    await node.close();
    const [ben, leaver] = [await stack.people.create(), await stack.people.create()];
    const conversationId = await stack.direct(lazy.url, ben, leaver);
    const onBen = await stack.connections.open(lazy.url, ben);
    await deleteAccount(leaver);
    new Emitter(redis).serverSideEmit('session:revoked', [leaver.sessionId]);
    await until(async () => {
      const message = { conversationId, clientId: newId(), text: 'Hello?' };
      const answer = await ask(onBen, 'message:send', message);
      return !answer.ok && answer.error.code === 'recipient_unavailable';
    });
  });
});
