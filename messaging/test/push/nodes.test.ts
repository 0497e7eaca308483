import assert from 'node:assert/strict';
import {
  connectRedis,
  waitForRedis,
  type Redis,
  type RunningService,
} from '@parley/backend-common';
import { silentLogger, testRedisUrl } from '@parley/backend-common/testing';

import { foregroundKey } from '../../src/transport/rooms/names.ts';
import { call } from '../support/connections.ts';
import { PushStage, type Owner } from '../support/push-stage.ts';
import { switchProxy, type SwitchProxy } from '../support/switch-proxy.ts';
import { until } from '../support/until.ts';

describe('pushes over two nodes', function () {
  let stage: PushStage;
  let redis: SwitchProxy;
  /** A connection past the switch. */
  let observer: Redis;
  /** The users are connected to this node; messages are sent through the other. */
  let there: RunningService;

  before(async () => {
    redis = await switchProxy(Number(new URL(testRedisUrl()).port));
    observer = connectRedis({ url: testRedisUrl(), name: 'observer', logger: silentLogger() });
    await waitForRedis(observer);
    const env = { REDIS_URL: `redis://127.0.0.1:${redis.port}` };
    stage = await PushStage.create(env);
    there = await stage.addNode(env);
  });
  after(async () => {
    await stage.close();
    await redis.close();
    observer.disconnect();
  });

  /** Waits until the nodes know through Redis whether a user has the app in the foreground. */
  const foregroundKnown = ({ userId }: Owner, isInForeground: boolean) =>
    until(async () => {
      const active = await observer.zcount(foregroundKey(userId), Date.now(), '+inf');
      return active > 0 === isInForeground;
    });

  const open = async (person: Owner, acknowledges: boolean) => {
    const socket = await stage.stack.connections.open(there.url, person);
    await call(socket, 'sync');
    socket.on('entry', ({ conversationId, seq }: { conversationId: string; seq: number }) => {
      if (acknowledges) void call(socket, 'receipt:delivered', { conversationId, seq });
    });
    return socket;
  };

  it('are not sent if the user has the app in the foreground and acknowledges on another node', async () => {
    const [ann, ben, cleo] = [await stage.person(), await stage.owner(), await stage.owner()];
    const conversationId = await stage.stack.direct(stage.node.url, ann, ben);
    const later = await stage.stack.direct(stage.node.url, ann, cleo);
    await open(ben, true);
    await open(cleo, false);
    await foregroundKnown(ben, true);
    await foregroundKnown(cleo, true);
    await stage.send(ann, conversationId);
    // Pushes are scheduled in the order of the messages: after this one, nothing more can follow for the first message.
    await stage.send(ann, later);
    await stage.pushed(cleo);
    await stage.nothingDue();
    assert.deepEqual(stage.sender.to(ben.pushToken), []);
    assert.ok((await stage.outbox()).every(({ userId }) => userId !== ben.userId));
  });

  it('are sent if the app is in the background on another node', async () => {
    const [ann, ben] = [await stage.person(), await stage.owner()];
    const conversationId = await stage.stack.direct(stage.node.url, ann, ben);
    const socket = await open(ben, true);
    await foregroundKnown(ben, true);
    await call(socket, 'app:state', { state: 'background' });
    await foregroundKnown(ben, false);
    await stage.send(ann, conversationId);
    const { content } = await stage.pushed(ben);
    assert.equal(content.shown?.body, 'Hello');
  });

  it('depend on acknowledgements alone while it is unknown who is in the foreground', async () => {
    const [ann, ben, cleo] = [await stage.person(), await stage.owner(), await stage.owner()];
    const conversationId = await stage.stack.group(stage.node.url, [ann, ben, cleo]);
    redis.off();
    const { seq } = await stage.send(ann, conversationId);
    await stage.stack.mongo.db
      .collection<{ _id: string }>('members')
      .updateOne({ _id: `${conversationId}:${ben.userId}` }, { $set: { deliveredSeq: seq } });
    await stage.pushed(cleo);
    assert.deepEqual(stage.sender.to(ben.pushToken), []);
    redis.on();
  });
});
