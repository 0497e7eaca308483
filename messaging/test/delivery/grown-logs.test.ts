import assert from 'node:assert/strict';
import type { TestMongo } from '@parley/backend-common/testing';
import type { Long } from 'mongodb';

import { GrownLogs } from '../../src/delivery/change-stream/grown-logs.ts';
import {
  BATCH,
  type LogPosition,
} from '../../src/delivery/change-stream/position-stream-repository.ts';
import { SLICES } from '../../src/delivery/slices.ts';
import { DeliveryNode } from '../support/delivery-node.ts';
import type { FakeDeliverySocket } from '../support/delivery-socket.ts';
import { seedConversations } from '../support/many-conversations.ts';
import { profiled } from '../support/profiled.ts';
import { newId, say, testDatabase, testLog, type TestLog } from '../support/test-log.ts';
import { until } from '../support/until.ts';

const MANY = 1_000;

describe('reading which logs have grown', () => {
  let grown: GrownLogs;
  let batches: LogPosition[][];
  let found: number[];
  let faults: string[];
  let [opened, closed] = [0, 0];
  let isDown: boolean;

  const at = (seq: number): LogPosition => ({ conversationId: 'c', seq });
  const read = async (times: number, deliveries = MANY) => {
    const complete: boolean[] = [];
    for (let each = 0; each < times; each += 1) {
      complete.push(await grown.read(deliveries));
      grown.swept(true);
    }
    return complete;
  };

  beforeEach(() => {
    [opened, closed, isDown] = [0, 0, false];
    [batches, found, faults] = [[], [], []];
    grown = new GrownLogs({
      open: () => {
        opened += 1;
        return Promise.resolve({
          next: () =>
            isDown
              ? Promise.reject(new Error('The primary stepped down'))
              : Promise.resolve(batches.shift() ?? []),
          close: () => {
            closed += 1;
            return Promise.reject(new Error('No cursor'));
          },
        });
      },
      found: (positions) => found.push(...positions.map(({ seq }) => seq)),
      reportFault: (fault) => faults.push(fault),
    });
  });

  it('opens nothing for few deliveries', async () => {
    assert.deepEqual(await read(SLICES * 2, MANY - 1), Array(SLICES * 2).fill(false));
    assert.equal(opened, 0);
  });

  it('is complete when the ends of all logs have been read after it was opened', async () => {
    const complete = await read(SLICES + 2);
    assert.deepEqual(complete, [...Array<boolean>(SLICES).fill(false), true, true]);
    assert.equal(opened, 1);
  });

  it('is not complete when a part of the ends could not be read, until all were read again', async () => {
    await read(SLICES - 1);
    assert.deepEqual(await grown.read(MANY), false);
    grown.swept(false);
    const complete = await read(SLICES + 1);
    assert.deepEqual(complete, [...Array<boolean>(SLICES).fill(false), true]);
    assert.equal(opened, 1);
  });

  it('passes on everything that there is', async () => {
    const full = Array.from({ length: BATCH }, (_, index) => at(index));
    batches = [full, full, [at(BATCH)]];
    await read(1);
    assert.equal(found.length, 2 * BATCH + 1);
    batches = [[at(BATCH + 1)]];
    await read(1);
    assert.equal(found.at(-1), BATCH + 1);
  });

  it('ends a reading although entries are stored all the time', async () => {
    // Every response has some: a reading until one is empty would never end, nor would the node stop.
    batches = Array.from({ length: 5 }, (_, index) => [at(index)]);
    await read(2);
    assert.deepEqual(found, [0, 1]);
  });

  it('is not complete after a fault until it was opened again and all ends were read', async () => {
    await read(SLICES + 1);
    isDown = true;
    assert.deepEqual(await read(1), [false]);
    isDown = false;
    assert.deepEqual([opened, closed, faults], [1, 1, ['change_stream_failed']]);
    const complete = await read(2 * SLICES + 1);
    assert.deepEqual(complete, [...Array<boolean>(2 * SLICES).fill(false), true]);
    assert.equal(opened, 2);
  });

  it('is closed only when the deliveries have become much fewer', async () => {
    await read(SLICES + 1);
    assert.deepEqual(await read(1, MANY / 2), [true]);
    assert.deepEqual(await read(1, MANY / 2 - 1), [false]);
    assert.deepEqual([closed, grown.isOpen], [1, false]);
    assert.deepEqual(await read(1, MANY), [false]);
  });
});

describe('a node with many conversations', function () {
  this.timeout(60_000);
  let mongo: TestMongo;
  let elsewhere: TestLog;
  let node: DeliveryNode;
  let socket: FakeDeliverySocket;
  let conversationIds: string[];
  const [ann, ben] = [newId(), newId()];

  before(async () => {
    mongo = await testDatabase();
    elsewhere = testLog(mongo);
    conversationIds = await seedConversations(mongo.db, [ann, ben], MANY);
    node = new DeliveryNode(mongo);
    socket = await node.listen(ben);
    await sweep(SLICES + 1);
  });
  after(async () => {
    await node.close();
    await elsewhere.log.close();
    await mongo.drop();
  });

  const sweep = async (times: number) => {
    for (let each = 0; each < times; each += 1) await node.delivery.sweep();
  };
  const write = (conversationId: string) =>
    elsewhere.log.append({ conversationId, senderId: ann, content: say('Hello') });

  it('does not ask for the ends of idle logs', async () => {
    const commands = await profiled(mongo, /\.entries$/, () => sweep(SLICES));
    const keys = commands.reduce((sum, { keysExamined = 0 }) => sum + keysExamined, 0);
    assert.ok(keys <= MANY / 10, `${keys} keys were examined`);
    assert.ok(node.delivery.isFollowing);
  });

  it('asks for the memberships of a user with one document in return', async () => {
    const commands = await profiled(mongo, /\.members$/, () => sweep(SLICES));
    assert.deepEqual(
      commands.map(({ nreturned }) => nreturned),
      [1],
    );
  });

  it('finds what other nodes wrote with the next comparison, in every conversation', async () => {
    const [quiet = '', busy = ''] = conversationIds;
    for (const id of [busy, quiet, busy, busy]) await write(id);
    await sweep(1);
    await until(() => socket.entries.length === 4);
    const seqsOf = (id: string) =>
      socket.entries.filter((entry) => entry.conversationId === id).map(({ seq }) => seq);
    assert.deepEqual([seqsOf(quiet), seqsOf(busy)], [[3], [3, 4, 5]]);
  });

  it('compares a conversation that was opened by an entry, whose later entry was read before', async () => {
    const [foreign = ''] = await seedConversations(mongo.db, [ann, newId()], 1);
    const added = await elsewhere.log.append({
      ...{ conversationId: foreign, senderId: ann },
      content: { kind: 'members', action: 'added', userIds: [ben], role: 'member' },
    });
    assert.ok(added.kind === 'written');
    const { conversationId } = added.document;
    await write(conversationId);
    // The node does not know yet that it has a member.
    await sweep(1);
    node.delivery.stored(added.document);
    await until(() => node.delivery.userRooms.hasUsers(conversationId));
    await sweep(1);
    await until(() =>
      socket.entries.some((entry) => entry.conversationId === conversationId && entry.seq === 4),
    );
  });

  it('finds what was written while the stream was broken', async () => {
    const open = await mongo.client
      .db('admin')
      .aggregate<{ cursor: { cursorId: Long } }>(
        [
          { $currentOp: { idleCursors: true, localOps: true } },
          { $match: { type: 'idleCursor', ns: `${mongo.db.databaseName}.entries` } },
        ],
        { readConcern: { level: 'local' }, promoteLongs: false },
      )
      .toArray();
    const cursors = open.map(({ cursor }) => cursor.cursorId);
    assert.equal(cursors.length, 1);
    await mongo.db.command({ killCursors: 'entries', cursors });
    const [, , conversationId = ''] = conversationIds;
    await write(conversationId);
    await sweep(SLICES + 1);
    await until(() => socket.entries.at(-1)?.conversationId === conversationId);
  });
});
