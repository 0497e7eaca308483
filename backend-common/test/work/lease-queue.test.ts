import assert from 'node:assert/strict';
import { LeaseQueue, Metrics, QueueMetrics } from '@parley/backend-common';

import { Letters, START, at } from '../support/letters.ts';

describe('LeaseQueue', () => {
  const letters = new Letters();

  describe('leases', () => {
    it('what is due, the oldest first, and leaves the rest', async () => {
      await letters.write(
        { _id: 'later', dueAt: at(1) },
        { _id: 'second', dueAt: at(-1) },
        { _id: 'first', dueAt: at(-2) },
        { _id: 'third', dueAt: at(0) },
        { _id: 'nothing to do' },
      );
      const queue = letters.queue();
      const claimed = await queue.claim(2);
      assert.deepEqual(claimed.map(({ id }) => id).sort(), ['first', 'second']);
      assert.deepEqual(
        (await queue.claim(9)).map(({ id }) => id),
        ['third'],
      );
      assert.deepEqual(await queue.claim(9), []);
    });

    it('with a token, an end and a count of attempts, and says since when it was due', async () => {
      await letters.write({ _id: 'a', text: 'Dear Ann', dueAt: at(-5_000) });
      const leased = await letters.claimOne(letters.queue());
      const stored = {
        ...{ _id: 'a', text: 'Dear Ann' },
        ...{ dueAt: at(30_000), claim: 'token-1', attempts: 1 },
      };
      assert.deepEqual(await letters.find('a'), stored);
      assert.deepEqual(leased, {
        ...{ id: 'a', token: 'token-1', until: at(30_000) },
        ...{ document: stored, dueSince: at(-5_000) },
      });
    });

    it('again what was not finished when the lease ended', async () => {
      await letters.write({ _id: 'a', dueAt: at(0) });
      const queue = letters.queue();
      await queue.claim(1);
      letters.now += 29_999;
      assert.deepEqual(await queue.claim(1), []);
      letters.now += 1;
      const again = await letters.claimOne(queue);
      assert.equal(again.document.attempts, 2);
    });

    it('each item to one of several claimants', async () => {
      await letters.write(
        ...Array.from({ length: 60 }, (_, n) => ({ _id: `letter-${n}`, dueAt: at(-n) })),
      );
      const queues = Array.from({ length: 6 }, () =>
        letters.queue({ newToken: () => crypto.randomUUID() }),
      );
      const claimed = (await Promise.all(queues.map((queue) => queue.claim(40)))).flat();
      while (claimed.length < 60) {
        const more = await queues[0]!.claim(40);
        assert.ok(more.length > 0, 'what nobody got is still due');
        claimed.push(...more);
      }
      assert.equal(new Set(claimed.map(({ id }) => id)).size, 60);
    });

    it('by MongoDB’s clock where no other is given', async () => {
      await letters.write(
        { _id: 'due', dueAt: new Date(Date.now() - 60_000) },
        { _id: 'not due', dueAt: new Date(Date.now() + 60_000) },
      );
      const queue = new LeaseQueue(letters.collection, {
        name: 'letters',
        fields: { due: 'dueAt', token: 'claim' },
        duration: 30_000,
      });
      const [leased, ...others] = await queue.claim(9);
      assert.equal(leased?.id, 'due');
      assert.deepEqual(others, []);
      const left = (leased.until as Date).getTime() - Date.now();
      assert.ok(left > 0 && left < 60_000);
    });
  });

  describe('a lease', () => {
    it('ends with the item done', async () => {
      await letters.write({ _id: 'a', text: 'Dear Ann', dueAt: at(0) });
      const queue = letters.queue();
      assert.equal(await queue.finish(await letters.claimOne(queue), { note: 'sent' }), true);
      assert.deepEqual(await letters.find('a'), {
        _id: 'a',
        text: 'Dear Ann',
        attempts: 0,
        note: 'sent',
      });
    });

    it('ends with changes that prevail over the queue’s own', async () => {
      await letters.write({ _id: 'a', dueAt: at(0) });
      const queue = letters.queue();
      await queue.finish(await letters.claimOne(queue), { dueAt: at(7_000) });
      assert.deepEqual(await letters.find('a'), { _id: 'a', dueAt: at(7_000), attempts: 0 });
    });

    it('ends only if the item meets further conditions', async () => {
      await letters.write({ _id: 'a', text: 'Dear Ben', dueAt: at(0) });
      const queue = letters.queue();
      const leased = await letters.claimOne(queue);
      assert.equal(await queue.finish(leased, {}, { text: 'Dear Ann' }), false);
      assert.equal((await letters.find('a'))?.claim, leased.token);
      assert.equal(await queue.finish(leased, {}, { text: 'Dear Ben' }), true);
      assert.deepEqual(await letters.find('a'), { _id: 'a', text: 'Dear Ben', attempts: 0 });
    });

    it('ends with the item postponed, which counts as an attempt', async () => {
      await letters.write({ _id: 'a', dueAt: at(0) });
      const queue = letters.queue();
      assert.equal(await queue.postpone(await letters.claimOne(queue), 5_000), true);
      assert.deepEqual(await letters.find('a'), { _id: 'a', dueAt: at(5_000), attempts: 1 });
    });

    it('ends with the item removed', async () => {
      await letters.write({ _id: 'a', dueAt: at(0) });
      const queue = letters.queue();
      assert.equal(await queue.remove(await letters.claimOne(queue)), true);
      assert.equal(await letters.find('a'), null);
    });

    it('ends together with others', async () => {
      await letters.write(
        { _id: 'a', dueAt: at(-2) },
        { _id: 'b', dueAt: at(-1) },
        { _id: 'c', dueAt: at(0) },
      );
      const queue = letters.queue();
      const claimed = [...(await queue.claim(2)), ...(await queue.claim(1))];
      await queue.finishAll(claimed, { note: 'sent' });
      const stored = await letters.collection.find().sort({ _id: 1 }).toArray();
      assert.deepEqual(
        stored,
        ['a', 'b', 'c'].map((_id) => ({ _id, attempts: 0, note: 'sent' })),
      );
    });

    it('that was lost changes nothing', async () => {
      await letters.write({ _id: 'a', dueAt: at(0) });
      const queue = letters.queue({ maxAttempts: 1 });
      const lost = await letters.claimOne(queue);
      letters.now += 30_000;
      await letters.claimOne(queue);
      const before = await letters.find('a');
      assert.equal(await queue.finish(lost), false);
      assert.equal(await queue.postpone(lost, 1), false);
      assert.equal(await queue.retry(lost), 'lost');
      assert.equal(await queue.giveUp(lost), false);
      assert.equal(await queue.remove(lost), false);
      assert.equal(await queue.renew([lost]), false);
      await queue.finishAll([lost], { note: 'sent' });
      assert.deepEqual(await letters.find('a'), before);
    });

    it('is renewed with others', async () => {
      await letters.write({ _id: 'a', dueAt: at(-1) }, { _id: 'b', dueAt: at(0) });
      const queue = letters.queue();
      const claimed = [...(await queue.claim(1)), ...(await queue.claim(1))];
      letters.now += 20_000;
      assert.equal(await queue.renew(claimed), true);
      assert.deepEqual((await letters.find('a'))?.dueAt, at(50_000));
      assert.deepEqual((await letters.find('b'))?.dueAt, at(50_000));
    });

    it('is created by an update of the owner’s own', async () => {
      await letters.write({ _id: 'a' });
      const queue = letters.queue();
      await letters.collection.updateOne({ _id: 'a' }, [
        { $set: { note: 'new', ...queue.leaseFields('$x') } },
      ]);
      assert.deepEqual(await letters.find('a'), {
        ...{ _id: 'a', note: 'new', dueAt: at(30_000), claim: '$x', attempts: 1 },
      });
      await queue.finishAll([{ id: 'a', token: '$x' }]);
      assert.deepEqual(await letters.find('a'), { _id: 'a', note: 'new', attempts: 0 });
    });
  });

  describe('a named item', () => {
    it('is leased when its lease is free, and to one holder', async () => {
      await letters.write({ _id: 'a', note: 'old' });
      const queue = letters.queue();
      const taken = await queue.take('a', { where: { note: 'old' }, changes: { note: 'new' } });
      assert.deepEqual(taken?.document, {
        ...{ _id: 'a', note: 'new', dueAt: at(30_000), claim: 'token-1', attempts: 1 },
      });
      assert.equal(await queue.take('a'), null);
      letters.now += 30_000;
      assert.equal(await queue.take('a', { where: { note: 'old' } }), null);
      assert.notEqual(await queue.take('a'), null);
      assert.equal(await queue.take('no such letter'), null);
    });

    it('is created where that is wanted', async () => {
      const queue = letters.queue();
      const takers = Array.from({ length: 5 }, () => queue.take('lock', { upsert: true }));
      const taken = (await Promise.all(takers)).filter((each) => each !== null);
      assert.equal(taken.length, 1);
      assert.equal(await letters.collection.countDocuments(), 1);
      await queue.remove(taken[0]!);
      assert.notEqual(await queue.take('lock', { upsert: true }), null);
    });
  });

  describe('other forms', () => {
    it('keep times as numbers, as the driver stores them', async () => {
      const jobs = letters.mongo.db.collection<{ _id: string; dueAt?: number; note?: string }>(
        'jobs',
      );
      await jobs.createIndexes([{ key: { dueAt: 1 }, sparse: true }]);
      await jobs.insertMany([
        { _id: 'a', dueAt: START },
        { _id: 'b', dueAt: START + 1 },
      ]);
      const queue = new LeaseQueue(jobs, {
        ...{ name: 'jobs', fields: { due: 'dueAt', stored: 'milliseconds' }, duration: 1_000 },
        time: () => new Date(letters.now),
      });
      const [leased, ...others] = await queue.claim(9);
      assert.deepEqual(others, []);
      assert.equal(leased?.until, START + 1_000);
      assert.deepEqual(await jobs.findOne({ _id: 'a', dueAt: { $type: 'double' } }), {
        ...{ _id: 'a', dueAt: START + 1_000 },
      });
      assert.equal(await queue.finish(leased, { note: 'done' }), true);
      assert.deepEqual(await jobs.findOne({ _id: 'a' }), { _id: 'a', note: 'done' });
      assert.equal(await queue.finish(leased), false);
      await assert.rejects(queue.renew([leased]), /no tokens/);
    });

    it('keep the lease in a sub-document, which goes with it', async () => {
      interface File {
        _id: string;
        state: string;
        lease?: { token: string; endsAt: number };
      }
      const files = letters.mongo.db.collection<File>('files');
      await files.insertOne({ _id: 'a', state: 'uploading' });
      const queue = new LeaseQueue(files, {
        ...{
          name: 'files',
          duration: 1_000,
          time: () => new Date(letters.now),
          newToken: () => 'me',
        },
        fields: { due: 'lease.endsAt', token: 'lease.token', stored: 'milliseconds' },
      });
      const taken = await queue.take('a', { where: { state: 'uploading' } });
      assert.ok(taken !== null);
      const held = { _id: 'a', state: 'uploading', lease: { token: 'me', endsAt: START + 1_000 } };
      assert.deepEqual(await files.findOne({ _id: 'a' }), held);
      assert.equal(await queue.renew([taken]), true);
      assert.equal(await queue.finish(taken, { state: 'ready' }), true);
      assert.deepEqual(await files.findOne({ _id: 'a' }), { _id: 'a', state: 'ready' });
    });
  });

  it('says how many items are not done', async () => {
    await letters.write({ _id: 'a', dueAt: at(0) }, { _id: 'b', dueAt: at(1) }, { _id: 'c' });
    const metrics = new Metrics('test');
    const queue = letters.queue({ metrics: new QueueMetrics(metrics) });
    await queue.claim(1);
    assert.equal(await queue.measureDepth(100), 2);
    assert.equal(await queue.measureDepth(1), 1);
    assert.match(
      await metrics.registry.metrics(),
      /^parley_queue_depth\{queue="letters",service="test"\} 1$/m,
    );
  });

  it('examines no more than what it leases, among many items', async () => {
    const many = Array.from({ length: 10_000 }, (_, n) => ({
      _id: `letter-${n}`,
      ...(n % 2 === 0 ? {} : { dueAt: new Date(Date.now() + 3_600_000 + n) }),
    }));
    await letters.collection.insertMany([
      ...many,
      { _id: 'due', dueAt: new Date(Date.now() - 1_000) },
    ]);
    const queue = letters.queue({ time: () => '$$NOW' });
    await letters.mongo.db.command({ profile: 2 });
    const leased = await letters.claimOne(queue);
    await queue.renew([leased]);
    await queue.retry(leased);
    await queue.take('due');
    await letters.mongo.db.command({ profile: 0 });
    const commands = await letters.mongo.db
      .collection<{ planSummary: string; keysExamined: number; docsExamined: number }>(
        'system.profile',
      )
      .find({ ns: /letters$/ })
      .toArray();
    assert.ok(commands.length >= 6);
    for (const command of commands) {
      assert.doesNotMatch(command.planSummary, /COLLSCAN/);
      assert.ok(command.keysExamined <= 2 && command.docsExamined <= 2, JSON.stringify(command));
    }
  });
});
