import assert from 'node:assert/strict';
import type { TestMongo } from '@parley/backend-common/testing';

import { NodeRepository, type NodeDocument } from '../../src/push/heartbeat/node-repository.ts';
import { MessageRepository } from '../../src/push/message-repository.ts';
import { OutboxRepository, type LeasedPush } from '../../src/push/outbox/outbox-repository.ts';
import type { PushDocument } from '../../src/push/outbox/push-document.ts';
import type { Calls, Profiled } from '../support/profiled.ts';
import { newId, testDatabase } from '../support/test-log.ts';

describe('the queries on pushes and nodes', () => {
  const [ann, conversationId] = [newId(), newId()];
  let mongo: TestMongo;
  let outbox: OutboxRepository;
  let nodes: NodeRepository;
  let messages: MessageRepository;

  before(async () => {
    mongo = await testDatabase();
    outbox = new OutboxRepository(mongo.db, { interval: 0 });
    nodes = new NodeRepository(mongo.db, ann);
    messages = new MessageRepository(mongo.db);
    const crowd = Array.from({ length: 200 }, () => newId());
    const item = (userId: string) => ({ userId, conversationId, seq: 1, isAway: false });
    await outbox.schedule(crowd.map(item));
    await mongo.db.collection('push_outbox').updateMany({}, { $unset: { dueAt: '' } });
    await outbox.schedule([item(ann)]);
    await Promise.all(
      crowd.slice(0, 30).map((id) => new NodeRepository(mongo.db, id).keepAlive(1)),
    );
    await mongo.db.command({ profile: 2 });
  });
  after(async () => {
    await mongo.db.command({ profile: 0 });
    await mongo.drop();
  });

  it('use their indexes and read at most three documents', async () => {
    const document = { seq: 1, attempts: 1 } as PushDocument;
    const leased: LeasedPush = { id: `${ann}:x`, token: 'a', until: new Date(), document };
    const calls: Calls<OutboxRepository> = {
      claim: () => outbox.claim(5),
      schedule: () => outbox.schedule([{ userId: ann, conversationId, seq: 2, isAway: true }]),
      hold: () => outbox.hold(leased, () => Promise.resolve()),
      isLastAttempt: () => Promise.resolve(outbox.isLastAttempt(leased)),
      end: () => outbox.end(leased, { kind: 'dropped' }),
      cleared: () => outbox.cleared(leased),
      takenBack: () => outbox.takenBack({ ...leased, document: { ...document, deletedSeq: 1 } }),
      recordDeleted: () => outbox.recordDeleted([{ conversationId, seq: 1, userIds: [ann] }]),
      recordRead: () =>
        outbox.recordRead([{ userId: ann, conversationId, seq: 1, sessionId: 's' }]),
      of: () => outbox.of(conversationId, [ann, newId()]),
      waiting: () => outbox.waiting(100),
    };
    const crashed = {
      ...{ id: newId(), flushedTo: 1, aliveUntil: new Date() },
      lease: { id: newId(), token: ann, until: new Date(), document: {} as NodeDocument },
    };
    const nodeCalls: Calls<NodeRepository> = {
      keepAlive: () => nodes.keepAlive(1),
      takeOver: () => nodes.takeOver(),
      remove: () => nodes.remove(crashed),
      leave: () => nodes.leave(),
    };
    for (const run of [...Object.values(calls), ...Object.values(nodeCalls)]) await run();
    await messages.unread(conversationId, { userId: ann, after: 1, upTo: 9, limit: 5 });
    await messages.acceptedBetween(newId(), newId(), 5);
    const profiled = await mongo.db
      .collection<Profiled>('system.profile')
      .find({ ns: { $regex: /\.(push_outbox|nodes|entries)$/ }, op: { $nin: ['insert'] } })
      .toArray();
    assert.ok(profiled.length >= 14);
    for (const { docsExamined = 0, ns, op, planSummary } of profiled) {
      assert.match(planSummary ?? 'IDHACK', /^(IXSCAN|IDHACK|COUNT_SCAN)/, `${ns} ${op}`);
      assert.ok(docsExamined <= 3, `${ns} ${op} read ${docsExamined}`);
    }
    const due = profiled.find(({ op, ns }) => op === 'query' && ns.endsWith('push_outbox'));
    assert.equal(due?.planSummary, 'IXSCAN { dueAt: 1 }');
  });
});
