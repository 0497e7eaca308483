import assert from 'node:assert/strict';
import { testMongo, type TestMongo } from '@parley/backend-common/testing';
import { Timestamp } from 'mongodb';

import {
  memberKey,
  RECORD_COVERS,
  type MemberDocument,
} from '../../src/conversations/member-document.ts';
import { MemberRepository } from '../../src/conversations/member-repository.ts';
import { messagingMigrations } from '../../src/migrations/index.ts';
import { MemberChangeRepository } from '../../src/sync/member-change-repository.ts';
import { newId } from '../support/test-log.ts';

describe('the changes of memberships', () => {
  let mongo: TestMongo;
  let members: MemberRepository;
  let changes: MemberChangeRepository;
  let userId: string;
  const conversationId = newId();
  const joined = { role: null, joinedSeq: 1, joinedAt: 0 };

  before(async () => {
    mongo = await testMongo('messaging-test');
    for (const migration of messagingMigrations) await migration.up(mongo.db);
    members = new MemberRepository(mongo.db);
    changes = new MemberChangeRepository(mongo.db);
  });
  beforeEach(async () => {
    userId = newId();
    await members.project([{ conversationId, userId, seq: 1, member: joined }]);
  });
  after(() => mongo.drop());

  const found = async (since = 0) =>
    (await changes.changedSince(userId, since, 10)).conversationIds;
  const forgetTime = () =>
    mongo.db.collection('members').updateMany({ userId }, { $unset: { changedAt: '' } });
  const key = () => ({ conversationId, userId });

  const writes: Record<string, () => Promise<unknown>> = {
    joining: () => members.project([{ ...key(), seq: 2, member: joined }]),
    leaving: () => members.project([{ ...key(), seq: 2, member: null }]),
    'a mark': () => members.raiseMarks([{ ...key(), deliveredSeq: 3 }]),
    'a mark of reading': () => members.raiseMarks([{ ...key(), deliveredSeq: 3, readSeq: 3 }]),
    'a setting': () => members.changeSettings(conversationId, userId, { archived: true }),
  };
  for (const [what, write] of Object.entries(writes)) {
    it(`are found after ${what}`, async () => {
      await forgetTime();
      assert.deepEqual(await found(), []);
      const before = await changes.time();
      await write();
      assert.deepEqual(await found(before), [conversationId]);
      const { at } = await changes.changedSince(userId, before, 10);
      assert.ok(at >= before);
      assert.deepEqual(await found(at + 1), []);
    });
  }

  describe('of marks', () => {
    const stored = async () =>
      mongo.db
        .collection<MemberDocument & { changedAt: Timestamp }>('members')
        .findOne({ _id: memberKey(conversationId, userId) });
    /** Raises the mark as the writer of marks does, when the last record is so many seconds old. */
    const raiseAfter = async (seconds: number) => {
      const t = (await changes.time()) - seconds;
      await mongo.db
        .collection('members')
        .updateMany({ userId }, { $set: { changedAt: new Timestamp({ t, i: 1 }) } });
      const marks = (await members.findMarks([key()])).get(memberKey(conversationId, userId));
      const isCovered = marks?.isCovered === true;
      await members.raiseMarks([{ ...key(), deliveredSeq: 9, isCovered }]);
      const document = await stored();
      assert.equal(document?.deliveredSeq, 9);
      assert.ok(!('isCovered' in document));
      return document.changedAt.t !== t;
    };

    it('are recorded again when the last record covers no more', async () => {
      assert.equal(await raiseAfter(RECORD_COVERS + 1), true);
    });

    it('are covered by a record of the last hour', async () => {
      assert.equal(await raiseAfter(RECORD_COVERS - 60), false);
    });

    it('are recorded if nothing was', async () => {
      await forgetTime();
      const marks = (await members.findMarks([key()])).get(memberKey(conversationId, userId));
      assert.equal(marks?.isCovered, false);
    });
  });

  it('are not found of a membership that is newer than what was to be written', async () => {
    await members.project([{ ...key(), seq: 5, member: joined }]);
    await forgetTime();
    await members.project([{ ...key(), seq: 4, member: null }]);
    assert.deepEqual(await found(), []);
  });

  it('are found of the user alone, up to a limit', async () => {
    const others = [newId(), newId()];
    await members.project(
      others.map((id) => ({ conversationId: id, userId, seq: 1, member: joined })),
    );
    await members.project([{ conversationId, userId: newId(), seq: 1, member: joined }]);
    assert.deepEqual([...(await found())].sort(), [conversationId, ...others].sort());
    assert.equal((await changes.changedSince(userId, 0, 2)).conversationIds.length, 2);
  });
});
