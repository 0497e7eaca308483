import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunningService } from '@parley/backend-common';
import { testRedisUrl } from '@parley/backend-common/testing';

import { call } from '../support/connections.ts';
import { PATIENCE, PushStage, type Owner } from '../support/push-stage.ts';
import { switchProxy, type SwitchProxy } from '../support/switch-proxy.ts';

describe('pushes over two nodes', function () {
  this.timeout(30_000);
  let stage: PushStage;
  let redis: SwitchProxy;
  /** Where people are connected; messages are sent through the other. */
  let there: RunningService;

  before(async () => {
    redis = await switchProxy(Number(new URL(testRedisUrl()).port));
    const env = { REDIS_URL: `redis://127.0.0.1:${redis.port}` };
    stage = await PushStage.create(env);
    there = await stage.addNode(env);
  });
  after(async () => {
    await stage.close();
    await redis.close();
  });

  const open = async (person: Owner, acknowledges: boolean) => {
    const socket = await stage.stack.connections.open(there.url, person);
    await call(socket, 'sync');
    socket.on('entry', ({ conversationId, seq }: { conversationId: string; seq: number }) => {
      if (acknowledges) void call(socket, 'receipt:delivered', { conversationId, seq });
    });
    return socket;
  };

  it('see on one node who looks and acknowledges on the other', async () => {
    const [ann, ben] = [await stage.person(), await stage.owner()];
    const conversationId = await stage.stack.direct(stage.node.url, ann, ben);
    await open(ben, true);
    await delay(200);
    await stage.send(ann, conversationId);
    await delay(4 * PATIENCE);
    assert.deepEqual(stage.sender.to(ben.pushToken), []);
    assert.ok((await stage.outbox()).every(({ userId }) => userId !== ben.userId));
  });

  it('see on one node that the app went to the background on the other', async () => {
    const [ann, ben] = [await stage.person(), await stage.owner()];
    const conversationId = await stage.stack.direct(stage.node.url, ann, ben);
    const socket = await open(ben, true);
    await call(socket, 'app:state', { state: 'background' });
    await delay(200);
    await stage.send(ann, conversationId);
    const { content } = await stage.pushed(ben);
    assert.equal(content.shown?.body, 'Hello');
  });

  it('decide by acknowledgements alone while nobody can tell who looks', async () => {
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
