import assert from 'node:assert/strict';
import type { TestMongo } from '@parley/backend-common/testing';

import { ConversationRepository } from '../../src/conversations/conversation-repository.ts';
import { directKeyOf } from '../../src/conversations/direct-key.ts';
import { ContactRepository } from '../../src/conversations/contact-repository.ts';
import { PresenceRepository } from '../../src/presence/repository.ts';
import type { Profiled } from '../support/profiled.ts';
import { newId, testDatabase } from '../support/test-log.ts';

describe('the queries on presence', () => {
  const [ann, bo, cleo, dan] = [newId(), newId(), newId(), newId()];
  let direct: string;
  let mongo: TestMongo;

  before(async () => {
    mongo = await testDatabase();
    const conversations = new ConversationRepository(mongo.db);
    const create = async (founders: readonly [string, string], kind: 'direct' | 'group') => {
      const [createdBy, other] = founders;
      const { _id } = await conversations.createOnce({
        ...{ _id: newId(), kind, createdBy, createdAt: 1, founders: [...founders] },
        founderTitle: null,
        ...(kind === 'direct' ? { directKey: directKeyOf(createdBy, other) } : {}),
      });
      return _id;
    };
    for (let index = 0; index < 300; index += 1) await create([newId(), newId()], 'direct');
    await create([ann, bo], 'group');
    direct = await create([cleo, ann], 'direct');
    await create([bo, dan], 'direct');
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

  it('find direct conversations without reading those of other users', async () => {
    const others = [bo, cleo, dan, newId()];
    assert.deepEqual(await new ContactRepository(mongo.db).directsWith(ann, others), [
      { userId: cleo, conversationId: direct },
    ]);
    const [read] = await profiled('conversations');
    assert.equal(read?.planSummary, 'IXSCAN { directKey: 1 }');
    assert.equal(read.docsExamined, 1);
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
