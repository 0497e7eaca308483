import assert from 'node:assert/strict';
import { connectMongo, Metrics, type Mongo } from '@parley/backend-common';
import { silentLogger, type TestMongo } from '@parley/backend-common/testing';

import { EntryStreamRepository } from '../../src/delivery/change-stream/entry-stream-repository.ts';
import { createFollowerMetrics } from '../../src/delivery/change-stream/follower-metrics.ts';
import { LogFollower } from '../../src/delivery/change-stream/log-follower.ts';
import type { EntryEvents } from '../../src/delivery/ports.ts';
import type { EntryDocument } from '../../src/log/entry-document.ts';
import { SettableLink } from '../../src/transport/cluster/link-state.ts';
import { DeliveryNode } from '../support/delivery-node.ts';
import type { FakeDeliverySocket } from '../support/delivery-socket.ts';

import { groupOf, newId, say, testDatabase, testLog, type TestLog } from '../support/test-log.ts';
import { until } from '../support/until.ts';

/** Milliseconds within which every entry reaches the sockets of other nodes. */
const PROMISED = 2_000;

describe('delivery from the change stream', () => {
  let mongo: TestMongo;
  let elsewhere: TestLog;
  let link: SettableLink;
  let node: DeliveryNode;
  let follower: LogFollower;
  let hear: (documents: readonly EntryDocument[]) => void;

  before(async () => {
    mongo = await testDatabase();
    elsewhere = testLog(mongo);
  });
  beforeEach(() => {
    link = new SettableLink(true);
    const events: EntryEvents = {
      publish: () => undefined,
      subscribe: (listener) => {
        hear = listener;
      },
    };
    node = new DeliveryNode(mongo, events);
    follower = new LogFollower({
      link,
      entries: new EntryStreamRepository(mongo.db),
      received: (document) => node.delivery.stored(document),
      compareAll: () => node.delivery.compareAll(),
      timers: node.timers,
      monotonic: () => performance.now(),
      random: Math.random,
      logger: silentLogger(),
      metrics: createFollowerMetrics(new Metrics('test')),
      reportFault: (_, error) => assert.fail(error as Error),
    });
    follower.start();
  });
  afterEach(async () => {
    await follower.stop();
    await node.close();
  });
  after(async () => {
    await elsewhere.log.close();
    await mongo.drop();
  });

  /** A group with members that are connected to the node; nothing compares its delivery with the log. */
  const quietGroup = async (size: number) => {
    const { conversationId, people } = await groupOf(elsewhere, size);
    await elsewhere.log.state(conversationId);
    return { conversationId, people, owner: people[0]! };
  };
  const write = async (conversationId: string, senderId: string, count = 1) => {
    for (let index = 0; index < count; index += 1) {
      await elsewhere.log.append({ conversationId, senderId, content: say(`${index}`) });
    }
  };
  const change = (
    place: { readonly conversationId: string; readonly owner: string },
    action: 'added' | 'removed',
    userId: string,
  ) => {
    const role = action === 'added' ? ('member' as const) : null;
    const content = { kind: 'members', action, userIds: [userId], role } as const;
    const { conversationId, owner } = place;
    return elsewhere.log.append({ conversationId, senderId: owner, content });
  };
  const within = async (holds: () => boolean) => {
    const started = performance.now();
    await until(holds);
    assert.ok(performance.now() - started < PROMISED, 'it took too long');
  };
  const open = async (
    userId: string,
    mode: 'heads' | 'plain',
    at: { readonly conversationId: string; readonly seq: number },
  ): Promise<FakeDeliverySocket> => {
    const socket = await node.listen(userId, mode);
    if (mode === 'plain') await node.delivery.enter(socket, at, () => undefined);
    return socket;
  };

  it('reaches heads clients and plain clients of a conversation that nothing compares', async () => {
    const { conversationId, owner, people } = await quietGroup(3);
    const at = { conversationId, seq: 1 };
    const sockets = [await open(people[1]!, 'heads', at), await open(people[2]!, 'plain', at)];
    link.set(false);
    await write(conversationId, owner, 3);
    await within(() => sockets.every(({ seqs }) => seqs.length === 3));
    for (const { seqs } of sockets) assert.deepEqual(seqs, [2, 3, 4]);
  });

  it('includes what was stored before the loss was noticed', async () => {
    const { conversationId, owner, people } = await quietGroup(2);
    const socket = await node.listen(people[1]!);
    await write(conversationId, owner);
    link.set(false);
    await within(() => socket.seqs.length === 1);
  });

  it('opens conversations that are created meanwhile', async () => {
    const ben = newId();
    const socket = await node.listen(ben);
    link.set(false);
    const group = await groupOf(elsewhere, 1);
    const place = { conversationId: group.conversationId, owner: group.people[0]! };
    await elsewhere.log.state(place.conversationId);
    await change(place, 'added', ben);
    await write(place.conversationId, place.owner);
    await within(() => socket.seqs.length === 2);
    assert.deepEqual(socket.seqs, [2, 3]);
  });

  it('adds and removes members exactly at their entries', async () => {
    const place = await quietGroup(2);
    const { conversationId, owner, people } = place;
    const cleo = newId();
    const [ben, guest] = [await node.listen(people[1]!), await node.listen(cleo)];
    link.set(false);
    for (let round = 0; round < 5; round += 1) {
      await write(conversationId, owner);
      await change(place, 'added', cleo);
      await write(conversationId, owner);
      await change(place, 'removed', cleo);
    }
    await write(conversationId, owner);
    await within(() => ben.seqs.at(-1) === 22);
    assert.deepEqual(
      ben.seqs,
      Array.from({ length: 21 }, (_, index) => index + 2),
    );
    const expected = Array.from({ length: 5 }, (_, round) => [3, 4, 5].map((at) => at + 4 * round));
    assert.deepEqual(guest.seqs, expected.flat());
    assert.ok(!node.rooms.isIn(guest, conversationId));
  });

  it('drops what arrives as a cluster event too, in any order', async () => {
    const { conversationId, owner, people } = await quietGroup(2);
    const socket = await node.listen(people[1]!);
    const written: EntryDocument[] = [];
    elsewhere.log.subscribe(({ entries }) => {
      written.push(...entries.map(({ document }) => document));
    });
    link.set(false);
    await write(conversationId, owner, 20);
    hear(written.slice(10));
    hear(written);
    await write(conversationId, owner, 20);
    hear(written.toReversed());
    await within(() => socket.seqs.length >= 40);
    hear(written);
    assert.deepEqual(
      socket.seqs,
      Array.from({ length: 40 }, (_, index) => index + 2),
    );
  });

  it('sends the author an entry of this node only as its ack', async () => {
    const { conversationId, owner } = await quietGroup(2);
    const [phone, tablet] = [await node.listen(owner), await node.listen(owner)];
    link.set(false);
    // The stream is open before the entries are written.
    await write(conversationId, owner);
    await within(() => phone.seqs.length === 1);
    for (let round = 0; round < 100; round += 1) {
      const one = { conversationId, senderId: owner, originSocketId: phone.id };
      await Promise.all([
        node.node.log.append({ ...one, content: say('one') }),
        node.node.log.append({ ...one, content: say('two') }),
      ]);
    }
    await write(conversationId, owner);
    await within(() => tablet.seqs.length === 202);
    assert.deepEqual(phone.seqs, [2, 203]);
  });
});

describe('the change stream of entries', () => {
  const APP = 'change-stream-test';
  let mongo: TestMongo;
  let faulty: Mongo;
  let log: TestLog;

  before(async () => {
    mongo = await testDatabase();
    faulty = await connectMongo({ uri: mongo.uri, appName: APP, logger: silentLogger() });
    log = testLog(mongo);
  });
  afterEach(() => fail('off', {}));
  after(async () => {
    await log.log.close();
    await faulty.close();
    await mongo.drop();
  });

  const fail = (mode: 'off' | { times: number }, data: Record<string, unknown>) =>
    mongo.client.db('admin').command({
      configureFailPoint: 'failCommand',
      mode,
      data: { failCommands: ['getMore', 'aggregate'], appName: APP, ...data },
    });
  const newGroup = async () => {
    const { conversationId, people } = await groupOf(log, 1);
    await log.log.state(conversationId);
    return async (text: string) => {
      await log.log.append({ conversationId, senderId: people[0]!, content: say(text) });
    };
  };

  it('continues at its token, and shows inserts only', async () => {
    const entries = new EntryStreamRepository(mongo.db);
    const write = await newGroup();
    const first = await entries.open({ secondsAgo: 5 });
    await write('one');
    let read = await first.next();
    while (read.kind !== 'message') read = await first.next();
    const { token } = first;
    await first.close();
    await mongo.db.collection('entries').updateOne({ seq: 2 }, { $set: { text: null } });
    await write('two');
    const second = await entries.open({ token });
    assert.equal((await second.next()).seq, read.seq + 1);
    await second.close();
  });

  it('continues by itself after the primary has stepped down', async () => {
    const entries = new EntryStreamRepository(faulty.db);
    const write = await newGroup();
    const stream = await entries.open({ secondsAgo: 0 });
    await fail({ times: 1 }, { errorCode: 189, errorLabels: ['ResumableChangeStreamError'] });
    await write('one');
    let read = await stream.next();
    while (read.kind !== 'message') read = await stream.next();
    assert.equal(read.text, 'one');
    await stream.close();
  });

  it('says when MongoDB has not kept the changes since its token', async () => {
    const entries = new EntryStreamRepository(faulty.db);
    await fail({ times: 1 }, { errorCode: 286 });
    await assert.rejects(entries.open({ secondsAgo: 0 }), (error) => entries.isLost(error));
    await fail({ times: 1 }, { errorCode: 8000 });
    await assert.rejects(entries.open({ secondsAgo: 0 }), (error) => !entries.isLost(error));
  });

  it('ends a read that waits when it is closed', async () => {
    const stream = await new EntryStreamRepository(mongo.db).open({ secondsAgo: 0 });
    const waiting = (async () => {
      for (;;) await stream.next();
    })();
    await stream.close();
    await assert.rejects(waiting);
  });
});
