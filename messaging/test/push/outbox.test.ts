import assert from 'node:assert/strict';
import type { TestMongo } from '@parley/backend-common/testing';

import {
  OutboxRepository,
  keyOf,
  type PushDocument,
} from '../../src/push/outbox/outbox-repository.ts';
import { newId, testDatabase } from '../support/test-log.ts';

const QUIET = 60_000;

describe('the outbox of pushes', () => {
  let mongo: TestMongo;
  let outbox: OutboxRepository;
  before(async () => {
    mongo = await testDatabase();
    outbox = new OutboxRepository(mongo.db, QUIET);
  });
  beforeEach(() => mongo.db.collection('push_outbox').deleteMany({}));
  after(() => mongo.drop());

  const conversationId = newId();
  const item = (userId: string, seq: number, isAway = false) => ({
    ...{ userId, conversationId, seq, isAway },
  });
  const stored = async (userId: string) =>
    (await mongo.db
      .collection<PushDocument>('push_outbox')
      .findOne({ _id: keyOf(userId, conversationId) }))!;
  /** As if the time of a claim were over: whoever made it is dead, or slow. */
  const expire = (userId: string) =>
    mongo.db
      .collection<PushDocument>('push_outbox')
      .updateOne({ _id: keyOf(userId, conversationId) }, { $set: { dueAt: new Date(0) } });
  const claimOne = async (token: string) => {
    const [claimed] = await outbox.claim(token, 10);
    assert.ok(claimed !== undefined, 'something is due');
    return claimed;
  };

  it('has one document a person and conversation, with the newest message', async () => {
    const ben = newId();
    await outbox.schedule([item(ben, 3)]);
    await outbox.schedule([item(ben, 5), item(ben, 4)]);
    const { seq } = await stored(ben);
    assert.equal(seq, 5);
    assert.equal(await outbox.waiting(10), 1);
  });

  it('gives what is due to one of many who claim at the same time', async () => {
    await outbox.schedule(Array.from({ length: 30 }, () => item(newId(), 1)));
    const claims = await Promise.all(['a', 'b', 'c', 'd'].map((token) => outbox.claim(token, 30)));
    const ids = claims.flat().map(({ _id }) => _id);
    assert.equal(ids.length, 30);
    assert.equal(new Set(ids).size, 30);
    assert.deepEqual(await outbox.claim('e', 30), []);
  });

  it('gives a claim to another when it has run out, and then the first has no say', async () => {
    const ben = newId();
    await outbox.schedule([item(ben, 1)]);
    const dead = await claimOne('dead');
    await expire(ben);
    const heir = await claimOne('heir');
    assert.equal(heir.attempts, 2);
    await outbox.end(dead, { kind: 'pushed', from: 1, deviceIds: ['x'] });
    assert.equal((await stored(ben)).pushed, undefined);
    await outbox.end(heir, { kind: 'pushed', from: 1, deviceIds: ['y'] });
    assert.deepEqual((await stored(ben)).pushed?.deviceIds, ['y']);
  });

  it('keeps a claim that is renewed', async () => {
    const ben = newId();
    await outbox.schedule([item(ben, 1)]);
    const claimed = await claimOne('slow');
    await expire(ben);
    await outbox.renew([claimed._id], 'slow');
    assert.deepEqual(await outbox.claim('other', 10), []);
  });

  it('does nothing for what was pushed already, whoever schedules it again', async () => {
    const ben = newId();
    await outbox.schedule([item(ben, 4)]);
    await outbox.end(await claimOne('a'), { kind: 'pushed', from: 2, deviceIds: ['x'] });
    const before = await stored(ben);
    await outbox.schedule([item(ben, 4), item(ben, 3, true)]);
    assert.deepEqual(await stored(ben), before);
    assert.equal(before.dueAt, undefined);
  });

  it('waits a while after a push before the next of the same conversation', async () => {
    const ben = newId();
    await outbox.schedule([item(ben, 1)]);
    await outbox.end(await claimOne('a'), { kind: 'pushed', from: 1, deviceIds: ['x'] });
    await outbox.schedule([item(ben, 2)]);
    const { dueAt, pushed } = await stored(ben);
    assert.equal(dueAt!.getTime(), pushed!.at.getTime() + QUIET);
  });

  it('does not lose what comes while a push is being sent', async () => {
    const ben = newId();
    await outbox.schedule([item(ben, 1)]);
    const claimed = await claimOne('a');
    await outbox.schedule([item(ben, 2)]);
    assert.deepEqual(await outbox.claim('b', 10), [], 'it is claimed still');
    await outbox.end(claimed, { kind: 'pushed', from: 1, deviceIds: ['x'] });
    const { dueAt, pushed, seq } = await stored(ben);
    assert.deepEqual([pushed?.seq, seq], [1, 2]);
    assert.ok(dueAt !== undefined);
  });

  it('keeps who was reached while the others are tried again', async () => {
    const ben = newId();
    await outbox.schedule([item(ben, 1)]);
    await outbox.end(await claimOne('a'), { kind: 'later', delay: 0, done: ['x'] });
    const again = await claimOne('b');
    assert.deepEqual([again.done, again.attempts], [['x'], 2]);
    await outbox.end(again, { kind: 'failed' });
    const { attempts, done, dueAt, failedSeq } = await stored(ben);
    assert.deepEqual([attempts, done, dueAt, failedSeq], [0, undefined, undefined, 1]);
  });

  it('takes back what was read, also what was being sent in that moment', async () => {
    const ben = newId();
    const read = { userId: ben, conversationId, seq: 2, sessionId: 's' };
    assert.equal(await outbox.noteRead([read]), 0);
    await outbox.schedule([item(ben, 1)]);
    await outbox.end(await claimOne('a'), { kind: 'pushed', from: 1, deviceIds: ['x'] });
    await outbox.schedule([item(ben, 2)]);
    await expire(ben);
    const claimed = await claimOne('b');
    assert.equal(await outbox.noteRead([read]), 1);
    await outbox.end(claimed, { kind: 'dropped' });
    const { dueAt, readIn } = await stored(ben);
    assert.equal(readIn, 's');
    assert.ok(dueAt !== undefined);
  });

  it('keeps a notification of which only a part was read', async () => {
    const ben = newId();
    await outbox.schedule([item(ben, 7)]);
    await outbox.end(await claimOne('a'), { kind: 'pushed', from: 5, deviceIds: ['x'] });
    const read = { userId: ben, conversationId, seq: 6, sessionId: 's' };
    assert.equal(await outbox.noteRead([read]), 0);
  });
});
