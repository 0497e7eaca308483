import assert from 'node:assert/strict';
import type { TestMongo } from '@parley/backend-common/testing';

import { EntryRepository } from '../../src/log/entry-repository.ts';
import { NodeRepository } from '../../src/push/heartbeat/node-repository.ts';
import { OutboxRepository, type Claimed } from '../../src/push/outbox/outbox-repository.ts';
import type { Calls, Profiled } from '../support/profiled.ts';
import { newId, testDatabase } from '../support/test-log.ts';

describe('queries on pushes and nodes', () => {
  const [ann, conversationId] = [newId(), newId()];
  let mongo: TestMongo;
  let outbox: OutboxRepository;
  let nodes: NodeRepository;
  let entries: EntryRepository;

  before(async () => {
    mongo = await testDatabase();
    outbox = new OutboxRepository(mongo.db, 0);
    nodes = new NodeRepository(mongo.db);
    entries = new EntryRepository(mongo.db);
    const crowd = Array.from({ length: 200 }, () => newId());
    const item = (userId: string) => ({ userId, conversationId, seq: 1, isAway: false });
    await outbox.schedule(crowd.map(item));
    await mongo.db.collection('push_outbox').updateMany({}, { $unset: { dueAt: '' } });
    await outbox.schedule([item(ann)]);
    await Promise.all(crowd.slice(0, 30).map((id) => nodes.keep(id, 1)));
    await mongo.db.command({ profile: 2 });
  });
  after(async () => {
    await mongo.db.command({ profile: 0 });
    await mongo.drop();
  });

  it('each use their index and look at little else', async () => {
    const claimed = { _id: `${ann}:x`, claim: 'a', seq: 1 } as Claimed;
    const calls: Calls<OutboxRepository> = {
      claim: () => outbox.claim('a', 5),
      schedule: () => outbox.schedule([{ userId: ann, conversationId, seq: 2, isAway: true }]),
      renew: () => outbox.renew([claimed._id], 'a'),
      end: () => outbox.end(claimed, { kind: 'dropped' }),
      cleared: () => outbox.cleared(claimed),
      noteRead: () => outbox.noteRead([{ userId: ann, conversationId, seq: 1, sessionId: 's' }]),
      of: () => outbox.of(conversationId, [ann, newId()]),
      waiting: () => outbox.waiting(100),
    };
    const nodeCalls: Calls<NodeRepository> = {
      keep: () => nodes.keep(ann, 1),
      inherit: () => nodes.inherit(ann),
      bury: () => nodes.bury(newId(), ann),
      leave: () => nodes.leave(newId()),
    };
    for (const run of [...Object.values(calls), ...Object.values(nodeCalls)]) await run();
    await entries.unseen(conversationId, { userId: ann, after: 1, upTo: 9, limit: 5 });
    await entries.messagesSince(newId(), newId(), 5);
    const profiled = await mongo.db
      .collection<Profiled>('system.profile')
      .find({ ns: { $regex: /\.(push_outbox|nodes|entries)$/ }, op: { $nin: ['insert'] } })
      .toArray();
    assert.ok(profiled.length >= 14);
    for (const { docsExamined = 0, ns, op, planSummary } of profiled) {
      assert.match(planSummary ?? 'IDHACK', /^(IXSCAN|IDHACK|COUNT_SCAN)/, `${ns} ${op}`);
      assert.ok(docsExamined <= 3, `${ns} ${op} looked at ${docsExamined}`);
    }
    const due = profiled.find(({ op, ns }) => op === 'query' && ns.endsWith('push_outbox'));
    assert.equal(due?.planSummary, 'IXSCAN { dueAt: 1 }');
  });
});
