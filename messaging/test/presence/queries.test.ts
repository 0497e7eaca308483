import assert from 'node:assert/strict';
import type { TestMongo } from '@parley/backend-common/testing';

import { MemberRepository } from '../../src/conversations/member-repository.ts';
import { ContactRepository } from '../../src/presence/contact-repository.ts';
import { PresenceRepository } from '../../src/presence/repository.ts';
import type { Profiled } from '../support/profiled.ts';
import { newId, testDatabase } from '../support/test-log.ts';

describe('the queries on presence', () => {
  const [ann, bo, cleo, dan] = [newId(), newId(), newId(), newId()];
  const [group, direct] = [newId(), newId()];
  let mongo: TestMongo;

  before(async () => {
    mongo = await testDatabase();
    const members = new MemberRepository(mongo.db);
    const join = (conversationId: string, userId: string, role: 'member' | null) => ({
      ...{ conversationId, userId, seq: 1 },
      member: { role, joinedSeq: 1, joinedAt: 1 },
    });
    const crowd = Array.from({ length: 300 }, () => join(newId(), newId(), 'member'));
    await members.project([
      ...crowd,
      ...[ann, bo].map((userId) => join(group, userId, 'member')),
      ...[ann, cleo].map((userId) => join(direct, userId, null)),
      ...[ann, dan].map((userId) => join(newId(), userId, 'member')),
    ]);
    await mongo.db.command({ profile: 2 });
  });
  after(async () => {
    await mongo.db.command({ profile: 0 });
    await mongo.drop();
  });

  const profiled = (collection: string) =>
    mongo.db
      .collection<Profiled & { ns: string }>('system.profile')
      .find({ ns: `${mongo.db.databaseName}.${collection}` })
      .toArray();

  it('find shared conversations without reading other users', async () => {
    const shared = await new ContactRepository(mongo.db).sharedConversations(ann, [
      bo,
      cleo,
      dan,
      newId(),
    ]);
    assert.deepEqual(
      new Map(shared.map(({ userId, ...what }) => [userId, what])),
      new Map([
        [bo, { sharesGroup: true, directId: null }],
        [cleo, { sharesGroup: false, directId: direct }],
      ]),
    );
    const [own, others] = await profiled('members');
    const index = 'IXSCAN { userId: 1, present: 1, conversationId: 1 }';
    assert.equal(own?.planSummary, index);
    assert.equal(own.docsExamined, 0);
    assert.equal(others?.planSummary, index);
    assert.equal(others.docsExamined, 2);
  });

  it('read and write when users were last online by id, and never move back', async () => {
    const presence = new PresenceRepository(mongo.db);
    await presence.raise([ann, bo], 7);
    await presence.raise([ann], 5);
    await presence.raise([bo], 9);
    await presence.raise([], 9);
    assert.deepEqual(
      await presence.lastSeen([ann, bo, cleo]),
      new Map([
        [ann, 7],
        [bo, 9],
      ]),
    );
    for (const { planSummary } of await profiled('presence')) {
      assert.match(planSummary ?? 'IDHACK', /^(IDHACK|IXSCAN \{ _id: 1 \})$/);
    }
  });
});
