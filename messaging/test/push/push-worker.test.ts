import assert from 'node:assert/strict';
import { Metrics, PeriodicMetrics, SessionReader } from '@parley/backend-common';
import { silentLogger, type TestMongo } from '@parley/backend-common/testing';

import { DeviceRepository } from '../../src/devices/repository.ts';
import { OutboxRepository } from '../../src/push/outbox/outbox-repository.ts';
import { keyOf, type PushDocument } from '../../src/push/outbox/push-document.ts';
import { createPushMetrics } from '../../src/push/push-metrics.ts';
import { PushWorker } from '../../src/push/outbox/push-worker.ts';
import { deferred } from '../support/deferred.ts';
import { FakeSender } from '../support/fake-sender.ts';
import { People, type Person } from '../support/people.ts';
import { newId, testDatabase } from '../support/test-log.ts';
import { until } from '../support/until.ts';

const content = { data: { type: 'message' }, shown: { title: 'Ann', body: 'Hi' }, tag: 'c' };

/** Ends no lease: its process was killed after Firebase accepted the push. */
class KilledBeforeTheEnd extends OutboxRepository {
  override end(): Promise<void> {
    return Promise.reject(new Error('killed'));
  }
}

describe('the push worker', () => {
  const conversationId = newId();
  let mongo: TestMongo;
  let outbox: OutboxRepository;
  let sender: FakeSender;
  let ben: Person;
  let token: string;

  before(async () => {
    mongo = await testDatabase();
    outbox = new OutboxRepository(mongo.db, { interval: 0, random: () => 0.5 });
  });
  beforeEach(async () => {
    sender = new FakeSender();
    ben = await new People(mongo.db).create();
    token = `token:${newId()}`;
    const { sessionId, userId } = ben;
    const device = { _id: newId(), userId, sessionId, token, createdAt: 1 };
    await new DeviceRepository(mongo.db).put({ ...device, platform: 'android' });
    await outbox.schedule([{ userId, conversationId, seq: 9, isAway: false }]);
  });
  afterEach(() => mongo.db.collection('push_outbox').deleteMany({}));
  after(() => mongo.drop());

  const worker = (
    of = outbox,
    devices: Pick<DeviceRepository, 'ofUsers' | 'removeInvalid'> = new DeviceRepository(mongo.db),
  ) =>
    new PushWorker({
      ...{ outbox: of, sender, devices, concurrency: 40 },
      sessions: new SessionReader(mongo.db),
      composer: {
        compose: () => Promise.resolve({ content, from: 9 }),
        isOutdated: () => Promise.resolve(true),
      },
      metrics: createPushMetrics(new Metrics('test'), { waiting: 0, devices: 0 }, true),
      periodicMetrics: new PeriodicMetrics(new Metrics('test')),
      ...{ now: Date.now, logger: silentLogger() },
    });
  const documents = () => mongo.db.collection<PushDocument>('push_outbox');
  const stored = async () =>
    (await documents().findOne({ _id: keyOf(ben.userId, conversationId) }))!;
  const expireLeases = () =>
    documents().updateMany({ claim: { $exists: true } }, { $set: { dueAt: new Date(0) } });

  it('sends a push once whose worker crashed before sending it', async () => {
    assert.equal((await outbox.claim(5)).length, 1);
    await worker().run();
    assert.equal(sender.sent.length, 0, 'the lease holds');
    await expireLeases();
    await Promise.all([worker().run(), worker().run()]);
    assert.equal(sender.sent.length, 1);
    assert.deepEqual((await stored()).pushed?.deviceIds, [sender.sent[0]?.deviceId]);
  });

  it('sends a push again with the same tag if the worker crashed before recording it', async () => {
    await worker(new KilledBeforeTheEnd(mongo.db, { interval: 0 })).run();
    await expireLeases();
    await worker().run();
    await worker().run();
    assert.deepEqual(
      sender.sent.map((push) => [push.token, push.content.tag]),
      [
        [token, 'c'],
        [token, 'c'],
      ],
    );
  });

  it('takes a push back at once whose message is deleted while it is sent', async () => {
    const held = deferred();
    sender.hold(token, held.promise);
    const busy = worker();
    const first = busy.run();
    await until(() => sender.to(token).length === 1);
    assert.equal(
      await outbox.recordDeleted([{ conversationId, seq: 9, userIds: [ben.userId] }]),
      1,
    );
    held.resolve();
    await first;
    await busy.run();
    const data = { type: 'read', cause: 'deleted', seq: '9', conversationId };
    assert.deepEqual(sender.to(token)[1]?.content, { data, tag: conversationId });
    const { deletedSeq, dueAt } = await stored();
    assert.deepEqual([deletedSeq, dueAt], [undefined, undefined]);
    await busy.stop();
  });

  it('tries again to take a push back that Firebase cannot pass on now', async () => {
    await worker().run();
    await outbox.recordDeleted([{ conversationId, seq: 9, userIds: [ben.userId] }]);
    sender.answer(token, { kind: 'later', code: 'busy' });
    await worker().run();
    assert.equal((await stored()).deletedSeq, 9);
    await documents().updateMany({}, { $set: { dueAt: new Date(0) } });
    await worker().run();
    assert.equal(sender.to(token).at(-1)?.content.data['cause'], 'deleted');
    assert.equal((await stored()).deletedSeq, undefined);
  });

  it('takes nothing back of messages that were never pushed', async () => {
    await worker().run();
    const deleted = { conversationId, userIds: [ben.userId] };
    assert.equal(await outbox.recordDeleted([{ ...deleted, seq: 10 }]), 0);
    assert.equal(await outbox.recordDeleted([{ ...deleted, seq: 9, userIds: [newId()] }]), 0);
    assert.equal(await outbox.recordDeleted([]), 0);
  });

  it('is not blocked by a request that hangs', async () => {
    const held = deferred();
    sender.hold(token, held.promise);
    const busy = worker();
    const first = busy.run();
    await until(() => sender.to(token).length === 1);
    const cleo = await new People(mongo.db).create();
    const other = `token:${newId()}`;
    const { sessionId, userId } = cleo;
    const device = { _id: newId(), userId, sessionId, token: other, createdAt: 1 };
    await new DeviceRepository(mongo.db).put({ ...device, platform: 'android' });
    await outbox.schedule([{ userId, conversationId, seq: 9, isAway: false }]);
    await busy.run();
    assert.equal(sender.to(other).length, 1);
    held.resolve();
    await first;
    await busy.stop();
    assert.deepEqual((await stored()).pushed?.seq, 9);
  });

  it('sends as many pushes at once as are allowed, with few queries of devices', async () => {
    const people = await Promise.all(
      Array.from({ length: 50 }, () => new People(mongo.db).create()),
    );
    const devices = new DeviceRepository(mongo.db);
    const held = deferred();
    await Promise.all(
      people.map(async ({ sessionId, userId }) => {
        const of = `token:${newId()}`;
        sender.hold(of, held.promise);
        await devices.put({
          ...{ _id: newId(), userId, sessionId, token: of, createdAt: 1, platform: 'android' },
        });
      }),
    );
    await outbox.schedule(
      people.map(({ userId }) => ({ userId, conversationId, seq: 9, isAway: false })),
    );
    sender.hold(token, held.promise);
    let queries = 0;
    const busy = worker(outbox, {
      ofUsers: (userIds) => {
        queries += 1;
        return devices.ofUsers(userIds);
      },
      removeInvalid: (id, of) => devices.removeInvalid(id, of),
    });
    const first = busy.run();
    await until(() => sender.sent.length === 40);
    await busy.run();
    assert.equal(sender.sent.length, 40);
    assert.ok(queries <= 2, `${queries} queries`);
    held.resolve();
    await first;
    await until(async () => {
      await busy.run();
      return sender.sent.length === 51;
    });
    await busy.stop();
  });

  it('waits longer after each attempt, with jitter, and gives up after the last', async () => {
    const waits: number[] = [];
    for (;;) {
      sender.answer(token, { kind: 'later', code: 'busy' });
      await worker().run();
      const { attempts, dueAt, failedSeq } = await stored();
      if (dueAt === undefined) {
        assert.equal(failedSeq, 9);
        break;
      }
      waits[attempts - 1] = dueAt.getTime() - Date.now();
      await documents().updateMany({}, { $set: { dueAt: new Date(0) } });
    }
    assert.equal(waits.length, 11);
    const near = (wait: number | undefined, wanted: number) =>
      assert.ok(wait! > wanted - 2_000 && wait! <= wanted + 50, `${wait} is not ${wanted}`);
    near(waits[0], 1_000);
    near(waits[4], 16_000);
    near(waits[10], 600_000);
  });

  it('does not send to a device whose session has ended', async () => {
    await mongo.db
      .collection<{ _id: string }>('sessions')
      .updateOne({ _id: ben.sessionId }, { $set: { revokedAt: Date.now() } });
    await worker().run();
    assert.deepEqual(sender.sent, []);
    const { dueAt, pushed } = await stored();
    assert.deepEqual([dueAt, pushed], [undefined, undefined]);
  });
});
