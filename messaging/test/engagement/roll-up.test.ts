import assert from 'node:assert/strict';
import { randomFillSync } from 'node:crypto';
import { Metrics, PeriodicMetrics, QueueMetrics } from '@parley/backend-common';
import { type TestMongo } from '@parley/backend-common/testing';
import { createIdGenerator, DAY, MINUTE } from '@parley/common';

import { noCounts } from '../../src/engagement/day-counts.ts';
import { DayRepository } from '../../src/engagement/day-repository.ts';
import { KEPT_DAYS, type PersonDocument } from '../../src/engagement/documents.ts';
import { RecordRepository } from '../../src/engagement/record-repository.ts';
import { Recorder } from '../../src/engagement/recorder.ts';
import { RollUp } from '../../src/engagement/roll-up.ts';
import { RollUpLease } from '../../src/engagement/roll-up-lease.ts';
import type { EntryDocument } from '../../src/log/entry-document.ts';
import { testDatabase } from '../support/test-log.ts';

const FIRST = 20_000;

describe('the roll-up of engagement', () => {
  let mongo: TestMongo;
  let now: number;
  let days: DayRepository;
  let rollUp: RollUp;
  const never = new AbortController().signal;
  const at = (day: number) => day * DAY + 12 * 60 * MINUTE;
  const personOf = (day: number) =>
    createIdGenerator(
      () => at(day),
      (into) => randomFillSync(into),
    )();

  beforeEach(async () => {
    mongo = await testDatabase();
    now = at(FIRST);
    days = new DayRepository(mongo.db);
    rollUp = new RollUp({ days, now: () => now });
  });
  afterEach(() => mongo.drop());

  const process = (name: string) => {
    const records = new RecordRepository(mongo.db, name);
    const periodicMetrics = new PeriodicMetrics(new Metrics('test'));
    return new Recorder({
      ...{ records, periodicMetrics, now: () => now },
      reportFault: (fault, error) => assert.fail(`${fault}: ${String(error)}`),
    });
  };
  const mark = (day: number, ...ids: string[]) =>
    new RecordRepository(mongo.db, 'any').markPeople({ day, ids });
  const of = async (day: number) => {
    const [found] = await days.between(day, day);
    assert.ok(found);
    return found;
  };
  let seq = 0;
  const message = (senderId: string, conversationId = 'c'): EntryDocument => ({
    ...{ _id: `e${(seq += 1)}`, kind: 'message', conversationId, senderId, seq, at: now },
    ...{ clientId: 'k', text: 'Do not count me', replyTo: null },
  });

  it('counts each person once, on whatever nodes and however often it is seen', async () => {
    const [ann, ben] = [personOf(FIRST), personOf(FIRST - 100)];
    for (const node of [process('one'), process('two'), process('one, restarted')]) {
      node.seen(ann);
      node.seen(ann);
      node.seen(ben);
      await node.flush();
      node.seen(ben);
      await node.stop();
    }
    await rollUp.run(never);
    const { active, complete, newPeople } = await of(FIRST);
    assert.deepEqual(active, { day: 2, week: 2, month: 2 });
    assert.equal(newPeople, 1);
    assert.equal(complete, false);
  });

  it('keeps the days that are still counted, and no earlier ones', async () => {
    const [ann, ben] = [personOf(FIRST - 100), personOf(FIRST - 100)];
    await mark(FIRST - 100, ann, ben);
    await mark(FIRST - KEPT_DAYS, ann);
    await mark(FIRST - KEPT_DAYS + 1, ann);
    await mark(FIRST, ann, ben);
    await mark(FIRST, ann);
    const stored = mongo.db.collection<PersonDocument>('engagement_people');
    const daysOf = async (_id: string) => (await stored.findOne({ _id }))?.days;
    assert.deepEqual(await daysOf(ann), [FIRST - KEPT_DAYS + 1, FIRST]);
    assert.deepEqual(await daysOf(ben), [FIRST]);
  });

  it('adds what all processes have counted, and writes a count again without doubling it', async () => {
    const [ann, ben] = [personOf(FIRST), personOf(FIRST)];
    const one = process('one');
    one.wrote(message(ann));
    await one.flush();
    await one.flush();
    const two = process('two');
    two.heard(message(ann, 'other'));
    now += 5 * 1_000;
    two.wrote(message(ben, 'other'));
    two.wrote(message(ann));
    await two.flush();
    one.wrote({
      ...message(ann),
      kind: 'message',
      text: null,
      replyTo: null,
      attachment: { kind: 'image' } as never,
    });
    await one.stop();
    await two.stop();
    await rollUp.run(never);
    const day = await of(FIRST);
    assert.equal(day.messages, 4);
    assert.equal(day.conversations, 2);
    assert.deepEqual(day.attachments, { image: 1, video: 0, audio: 0, file: 0 });
    assert.deepEqual(day.active, { day: 2, week: 2, month: 2 });
    assert.deepEqual(day.replies, [1, ...noCounts().replies.slice(1)]);
  });

  it('stores neither what was written nor who wrote it with whom', async () => {
    const node = process('one');
    const ann = personOf(FIRST);
    node.wrote(message(ann));
    await node.stop();
    await rollUp.run(never);
    const stored = JSON.stringify(await days.between(FIRST, FIRST));
    assert.doesNotMatch(stored, new RegExp(`count me|${ann}|"c"`));
    const people = await mongo.db.collection('engagement_people').find().toArray();
    assert.deepEqual(Object.keys(people[0] ?? {}).sort(), ['_id', 'days', 'joined', 'removeAt']);
  });

  it('counts weeks of 7 and months of 30 days, each with its first and last day', async () => {
    for (const before of [0, 6, 7, 29, 30]) await mark(FIRST - before, personOf(1));
    await rollUp.run(never);
    assert.deepEqual((await of(FIRST)).active, { day: 1, week: 2, month: 4 });
  });

  it('counts who of the new people returned, once that day is over', async () => {
    const [stays, leaves, comesLater] = [personOf(FIRST), personOf(FIRST), personOf(FIRST)];
    await mark(FIRST, stays, leaves);
    await rollUp.run(never);
    now = at(FIRST + 1);
    await mark(FIRST + 1, stays, comesLater);
    await rollUp.run(never);
    assert.deepEqual((await of(FIRST)).returned, {});
    assert.equal((await of(FIRST)).complete, true);
    for (let day = FIRST + 2; day <= FIRST + 8; day += 1) {
      now = at(day);
      if (day === FIRST + 7) await mark(day, stays, leaves, comesLater);
      await rollUp.run(never);
    }
    const { newPeople, returned } = await of(FIRST);
    assert.equal(newPeople, 2);
    assert.deepEqual(returned, { day1: 1, day7: 2 });
    assert.equal((await of(FIRST + 1)).newPeople, 0);
  });

  it('has the same result when a day is counted again, also after a crash in the middle', async () => {
    const ann = personOf(FIRST);
    await mark(FIRST, ann);
    const node = process('one');
    node.wrote(message(ann));
    await node.stop();
    await rollUp.run(never);
    now = at(FIRST + 1);
    const crashing = new RollUp({
      days: Object.assign(Object.create(days) as DayRepository, {
        between: days.between.bind(days),
        peopleOf: days.peopleOf.bind(days),
        conversationsOf: days.conversationsOf.bind(days),
        countsOf: days.countsOf.bind(days),
        storeReturned: days.storeReturned.bind(days),
        store: () => Promise.reject(new Error('killed')),
      }),
      now: () => now,
    });
    await assert.rejects(crashing.run(never), /killed/);
    await rollUp.run(never);
    const first = await of(FIRST);
    assert.equal(first.messages, 1);
    assert.equal(first.complete, true);
    await rollUp.run(never);
    assert.deepEqual(await of(FIRST), first);
    for (const collection of ['engagement_conversations', 'engagement_counts']) {
      assert.equal(await mongo.db.collection(collection).countDocuments(), 0);
    }
  });

  it('does not change a day that another node has completed meanwhile', async () => {
    await mark(FIRST, personOf(FIRST));
    await rollUp.run(never);
    now = at(FIRST + 1);
    await rollUp.run(never);
    const day = await of(FIRST);
    const late = { ...noCounts(), active: { day: 0, week: 0, month: 0 } };
    await days.store({ _id: FIRST, complete: true, newPeople: 0, conversations: 0, ...late });
    assert.deepEqual(await of(FIRST), day);
  });

  it('catches up on days during which no node ran, each with its own month', async () => {
    const ann = personOf(FIRST - 29);
    await mark(FIRST - 29, ann);
    await mark(FIRST, personOf(FIRST - 200));
    await rollUp.run(never);
    now = at(FIRST + 31);
    await mark(FIRST + 31, ann);
    await rollUp.run(never);
    const stored = await days.between(FIRST, FIRST + 31);
    assert.equal(stored.length, 32);
    assert.deepEqual(
      stored.map(({ complete }) => complete),
      stored.map(({ _id }) => _id < FIRST + 31),
    );
    const months = stored.map(({ active }) => active.month);
    assert.deepEqual(months.slice(0, 2), [2, 1]);
    assert.deepEqual(months.slice(-3), [1, 0, 1]);
  });

  it('waits ten minutes after midnight for what the nodes have still to write', async () => {
    await rollUp.run(never);
    now = (FIRST + 1) * DAY + 10 * MINUTE - 1;
    await rollUp.run(never);
    assert.equal((await of(FIRST)).complete, false);
    now += 1;
    await rollUp.run(never);
    assert.equal((await of(FIRST)).complete, true);
  });

  it('is done by one node, and again after ten minutes', async () => {
    const time = () => new Date(now);
    const lease = () =>
      new RollUpLease(mongo.db, { time, metrics: new QueueMetrics(new Metrics('test')) });
    const done: string[] = [];
    const run = (name: string) =>
      lease().run(10 * MINUTE, () => {
        done.push(name);
        return Promise.resolve();
      });
    const results = await Promise.all([run('one'), run('two'), run('three')]);
    assert.equal(done.length, 1);
    assert.equal(results.filter(Boolean).length, 1);
    now += 10 * MINUTE - 1;
    assert.equal(await run('two'), false);
    now += 1;
    assert.equal(await run('two'), true);
  });
});
