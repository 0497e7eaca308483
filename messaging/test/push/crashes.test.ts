import assert from 'node:assert/strict';
import { Metrics, PeriodicMetrics } from '@parley/backend-common';
import { silentLogger } from '@parley/backend-common/testing';
import { MINUTE } from '@parley/common';

import { NodeHeartbeat } from '../../src/push/heartbeat/node-heartbeat.ts';
import { NodeRepository, type NodeDocument } from '../../src/push/heartbeat/node-repository.ts';
import type { PushDocument } from '../../src/push/outbox/push-document.ts';
import { PushStage, type Owner } from '../support/push-stage.ts';
import { until } from '../support/until.ts';

/** A node that is killed at a certain point: its memory is lost, and what it has stored stays. */
describe('a node that crashes', function () {
  let stage: PushStage;

  beforeEach(async () => {
    stage = await PushStage.create();
  });
  afterEach(() => stage.close());

  const nodes = () => stage.stack.mongo.db.collection<NodeDocument>('nodes');
  const documents = () => stage.stack.mongo.db.collection<PushDocument>('push_outbox');

  /** A message that a node has acknowledged and not scheduled yet, because a device has a minute to acknowledge it. */
  async function acknowledgedAndNotScheduled(): Promise<{ ben: Owner; deadId: string }> {
    const [ann, ben] = [await stage.person(), await stage.owner()];
    const conversationId = await stage.stack.direct(stage.node.url, ann, ben);
    const before = (await nodes().find().toArray()).map(({ _id }) => _id);
    const crashing = await stage.addNode({ PARLEY_PUSH_AFTER: String(MINUTE) });
    const socket = await stage.stack.connections.open(crashing.url, ben);
    await stage.sendThrough(crashing, ann, { conversationId, text: 'Still there?' });
    const dead = (await nodes().find().toArray()).find(({ _id }) => !before.includes(_id))!;
    assert.equal(await documents().countDocuments(), 0, 'nothing is scheduled yet');
    socket.disconnect();
    return { ben, deadId: dead._id };
  }

  it('after the acknowledgement, before the outbox: another node schedules the push from the log', async () => {
    const { ben, deadId } = await acknowledgedAndNotScheduled();
    const twin = { _id: 'dead', flushedTo: Date.now() - 1_000, aliveUntil: new Date() };
    const { flushedTo } = (await nodes().findOne({ _id: deadId }))!;
    await nodes().insertOne({ ...twin, flushedTo });
    const { content } = await stage.pushed(ben);
    assert.equal(content.shown?.body, 'Still there?');
    await until(async () => (await nodes().countDocuments({ _id: 'dead' })) === 0);
  });

  it('while it takes over another: a third node takes over', async () => {
    const { ben } = await acknowledgedAndNotScheduled();
    const repository = new NodeRepository(stage.stack.mongo.db, 'heir');
    const flushedTo = Date.now() - 5_000;
    await nodes().insertOne({ _id: 'dead', flushedTo, aliveUntil: new Date(Date.now() - 1) });
    const heir = new NodeHeartbeat({
      ...{ nodes: repository, flushedTo: () => flushedTo, logger: silentLogger() },
      periodicMetrics: new PeriodicMetrics(new Metrics('test')),
      repairProjections: () => Promise.resolve(true),
      scheduleFromLog: () => Promise.reject(new Error('killed')),
    });
    await heir.run();
    const taken = await nodes().findOneAndUpdate(
      { _id: 'dead', heir: 'heir' },
      { $set: { aliveUntil: new Date(0) } },
    );
    assert.ok(taken !== null && taken.aliveUntil > new Date(), 'the lease of the first heir held');
    await stage.pushed(ben);
  });

  it('does not count as crashed after a clean stop: it schedules what is pending and leaves the list', async () => {
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
