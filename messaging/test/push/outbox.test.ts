import assert from 'node:assert/strict';
import type { TestMongo } from '@parley/backend-common/testing';

import { OutboxRepository } from '../../src/push/outbox/outbox-repository.ts';
import { keyOf, type PushDocument } from '../../src/push/outbox/push-document.ts';
import { newId, testDatabase } from '../support/test-log.ts';
import { until } from '../support/until.ts';

const INTERVAL = 60_000;

describe('the push outbox', () => {
  let mongo: TestMongo;
  let outbox: OutboxRepository;
  before(async () => {
    mongo = await testDatabase();
    outbox = new OutboxRepository(mongo.db, { interval: INTERVAL, random: () => 0.5 });
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
  /** Ends the time of a lease, as if its worker had crashed or were slow. */
  const expire = (userId: string) =>
    mongo.db
      .collection<PushDocument>('push_outbox')
      .updateOne({ _id: keyOf(userId, conversationId) }, { $set: { dueAt: new Date(0) } });
  const claimOne = async () => {
    const [claimed] = await outbox.claim(10);
    assert.ok(claimed !== undefined, 'something is due');
    return claimed;
  };

  it('has one document per user and conversation, with the newest message', async () => {
    const ben = newId();
    await outbox.schedule([item(ben, 3)]);
    await outbox.schedule([item(ben, 5), item(ben, 4)]);
    const { seq } = await stored(ben);
    assert.equal(seq, 5);
    assert.equal(await outbox.waiting(10), 1);
  });

  it('gives each push to one of many concurrent claims', async () => {
    await outbox.schedule(Array.from({ length: 30 }, () => item(newId(), 1)));
    const claims = await Promise.all(['a', 'b', 'c', 'd'].map(() => outbox.claim(30)));
    const ids = claims.flat().map(({ id }) => id);
    assert.equal(ids.length, 30);
    assert.equal(new Set(ids).size, 30);
    assert.deepEqual(await outbox.claim(30), []);
  });

  it('leases a push again when the lease has ended, and then ignores the first holder', async () => {
    const ben = newId();
    await outbox.schedule([item(ben, 1)]);
    const first = await claimOne();
    await expire(ben);
    const second = await claimOne();
    assert.equal(second.document.attempts, 2);
    await outbox.end(first, { kind: 'pushed', from: 1, deviceIds: ['x'] });
    assert.equal((await stored(ben)).pushed, undefined);
    await outbox.end(second, { kind: 'pushed', from: 1, deviceIds: ['y'] });
    assert.deepEqual((await stored(ben)).pushed?.deviceIds, ['y']);
  });

  it('keeps a lease that is renewed', async () => {
    const ben = newId();
    await outbox.schedule([item(ben, 1)]);
    const claimed = await claimOne();
    let renewal: (() => void) | undefined;
    const renewing = new OutboxRepository(mongo.db, {
      interval: INTERVAL,
      setTimer: (run) => {
        renewal ??= run;
        return () => undefined;
      },
    });
    await renewing.hold(claimed, async () => {
      await expire(ben);
      renewal?.();
      await until(async () => (await stored(ben)).dueAt! > new Date());
      assert.deepEqual(await outbox.claim(10), []);
    });
  });

  it('does not schedule again what was pushed already', async () => {
    const ben = newId();
    await outbox.schedule([item(ben, 4)]);
    await outbox.end(await claimOne(), { kind: 'pushed', from: 2, deviceIds: ['x'] });
    const before = await stored(ben);
    await outbox.schedule([item(ben, 4), item(ben, 3, true)]);
    assert.deepEqual(await stored(ben), before);
    assert.equal(before.dueAt, undefined);
  });

  it('delays the next push of a conversation by the interval', async () => {
    const ben = newId();
    await outbox.schedule([item(ben, 1)]);
    await outbox.end(await claimOne(), { kind: 'pushed', from: 1, deviceIds: ['x'] });
    await outbox.schedule([item(ben, 2)]);
    const { dueAt, pushed } = await stored(ben);
    assert.equal(dueAt!.getTime(), pushed!.at.getTime() + INTERVAL);
  });

  it('keeps what is scheduled while a push is being sent', async () => {
    const ben = newId();
    await outbox.schedule([item(ben, 1)]);
    const claimed = await claimOne();
    await outbox.schedule([item(ben, 2)]);
    assert.deepEqual(await outbox.claim(10), [], 'it is still leased');
    await outbox.end(claimed, { kind: 'pushed', from: 1, deviceIds: ['x'] });
    const { dueAt, pushed, seq } = await stored(ben);
    assert.deepEqual([pushed?.seq, seq], [1, 2]);
    assert.ok(dueAt !== undefined);
  });

  it('keeps which devices were reached while the others are retried', async () => {
    const ben = newId();
    await outbox.schedule([item(ben, 1)]);
    await outbox.end(await claimOne(), { kind: 'later', retryAfterMs: 0, done: ['x'] });
    await expire(ben);
    const again = await claimOne();
    assert.deepEqual([again.document.done, again.document.attempts], [['x'], 2]);
    await outbox.end(again, { kind: 'failed' });
    const { attempts, done, dueAt, failedSeq } = await stored(ben);
    assert.deepEqual([attempts, done, dueAt, failedSeq], [0, undefined, undefined, 1]);
  });

  it('schedules the removal of a notification that was read, even while a push is being sent', async () => {
    const ben = newId();
    const read = { userId: ben, conversationId, seq: 2, sessionId: 's' };
    assert.equal(await outbox.recordRead([read]), 0);
    await outbox.schedule([item(ben, 1)]);
    await outbox.end(await claimOne(), { kind: 'pushed', from: 1, deviceIds: ['x'] });
    await outbox.schedule([item(ben, 2)]);
    await expire(ben);
    const claimed = await claimOne();
    assert.equal(await outbox.recordRead([read]), 1);
    await outbox.end(claimed, { kind: 'dropped' });
    const { dueAt, readIn } = await stored(ben);
    assert.equal(readIn, 's');
    assert.ok(dueAt !== undefined);
  });

  it('keeps a notification if only some of its messages were read', async () => {
    const ben = newId();
    await outbox.schedule([item(ben, 7)]);
    await outbox.end(await claimOne(), { kind: 'pushed', from: 5, deviceIds: ['x'] });
    const read = { userId: ben, conversationId, seq: 6, sessionId: 's' };
    assert.equal(await outbox.recordRead([read]), 0);
  });
});
