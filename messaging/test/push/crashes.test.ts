import assert from 'node:assert/strict';
import { silentLogger } from '@parley/backend-common/testing';
import { MINUTE } from '@parley/common';

import { NodeKeeper } from '../../src/push/heartbeat/node-heartbeat.ts';
import { NodeRepository, type NodeDocument } from '../../src/push/heartbeat/node-repository.ts';
import type { PushDocument } from '../../src/push/outbox/outbox-repository.ts';
import { PushStage, type Owner } from '../support/push-stage.ts';
import { until } from '../support/until.ts';

/** A node that is killed after this, before that: what it has in memory is gone, and what it has stored stays. */
describe('a node that dies', function () {
  this.timeout(30_000);
  let stage: PushStage;

  beforeEach(async () => {
    stage = await PushStage.create();
  });
  afterEach(() => stage.close());

  const nodes = () => stage.stack.mongo.db.collection<NodeDocument>('nodes');
  const documents = () => stage.stack.mongo.db.collection<PushDocument>('push_outbox');

  /** A message that a node has acknowledged of which nothing but the log tells: its patience lasts a minute. */
  async function acknowledgedAndForgotten(): Promise<{ ben: Owner; deadId: string }> {
    const [ann, ben] = [await stage.person(), await stage.owner()];
    const conversationId = await stage.stack.direct(stage.node.url, ann, ben);
    const before = (await nodes().find().toArray()).map(({ _id }) => _id);
    const dying = await stage.addNode({ PARLEY_PUSH_AFTER: String(MINUTE) });
    const socket = await stage.stack.connections.open(dying.url, ben);
    await stage.sendThrough(dying, ann, { conversationId, text: 'Still there?' });
    const dead = (await nodes().find().toArray()).find(({ _id }) => !before.includes(_id))!;
    assert.equal(await documents().countDocuments(), 0, 'nothing was written between');
    socket.disconnect();
    return { ben, deadId: dead._id };
  }

  it('after the acknowledgement, before the outbox: another reads it from the log', async () => {
    const { ben, deadId } = await acknowledgedAndForgotten();
    const twin = { _id: 'dead', flushedTo: Date.now() - 1_000, aliveUntil: new Date() };
    const { flushedTo } = (await nodes().findOne({ _id: deadId }))!;
    await nodes().insertOne({ ...twin, flushedTo });
    const { content } = await stage.pushed(ben);
    assert.equal(content.shown?.body, 'Still there?');
    await until(async () => (await nodes().countDocuments({ _id: 'dead' })) === 0);
  });

  it('while it makes up for another: a third goes on', async () => {
    const { ben } = await acknowledgedAndForgotten();
    const repository = new NodeRepository(stage.stack.mongo.db);
    const flushedTo = Date.now() - 5_000;
    await nodes().insertOne({ _id: 'dead', flushedTo, aliveUntil: new Date(Date.now() - 1) });
    const heir = new NodeKeeper({
      ...{ nodeId: 'heir', nodes: repository, flushedTo: () => flushedTo, logger: silentLogger() },
      redo: () => Promise.reject(new Error('killed')),
    });
    await heir.run();
    const taken = await nodes().findOneAndUpdate(
      { _id: 'dead', heir: 'heir' },
      { $set: { aliveUntil: new Date(0) } },
    );
    assert.ok(
      taken !== null && taken.aliveUntil > new Date(),
      'it was left to the heir for a while',
    );
    await stage.pushed(ben);
  });

  it('in good order: it leaves what is open in the outbox, and itself out of the list', async () => {
    const [ann, ben] = [await stage.person(), await stage.owner()];
    const conversationId = await stage.stack.direct(stage.node.url, ann, ben);
    const going = await stage.addNode({ PARLEY_PUSH_AFTER: String(MINUTE) });
    const count = await nodes().countDocuments();
    const socket = await stage.stack.connections.open(going.url, ben);
    await stage.sendThrough(going, ann, { conversationId, text: 'Bye' });
    await going.close();
    socket.disconnect();
    assert.equal(await nodes().countDocuments(), count - 1);
    const { content } = await stage.pushed(ben);
    assert.equal(content.shown?.body, 'Bye');
  });
});
