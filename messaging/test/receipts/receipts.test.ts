import assert from 'node:assert/strict';
import type { TestMongo } from '@parley/backend-common/testing';
import type { Receipt } from '@parley/common/contract';
import fc from 'fast-check';

import { ConversationNode, people, settled, type SentEvent } from '../support/conversation-node.ts';
import { testDatabase } from '../support/test-log.ts';

describe('receipts', () => {
  let mongo: TestMongo;
  let one: ConversationNode;
  let two: ConversationNode;
  let ann: string;
  let ben: string;
  let conversationId: string;
  before(async () => {
    mongo = await testDatabase();
    one = new ConversationNode(mongo);
    two = new ConversationNode(mongo);
  });
  beforeEach(async () => {
    [ann = '', ben = ''] = await people(mongo, 2);
    conversationId = await one.direct(ann, ben);
    await one.say(conversationId, ann, ...Array.from({ length: 9 }, (_, index) => `${index}`));
    one.sentEvents.length = 0;
    one.cursors.length = 0;
  });
  afterEach(() => one.fire());
  after(async () => {
    await one.close();
    await two.close();
    await mongo.drop();
  });

  const marksOf = ({ deliveredSeq, readSeq }: Receipt) => [deliveredSeq, readSeq];
  const who = (socketId?: string) => (socketId === undefined ? ben : { userId: ben, socketId });
  const delivered = (seq: number, socketId?: string, node = one) =>
    node.call(who(socketId), 'receipt:delivered', { conversationId, seq });
  const read = (seq: number, socketId?: string, node = one) =>
    node.call(who(socketId), 'receipt:read', { conversationId, seq });

  it('only rise, and read implies delivered', async () => {
    assert.deepEqual(await delivered(5), {
      ...{ conversationId, userId: ben, deliveredSeq: 5, readSeq: 0 },
    });
    assert.deepEqual(marksOf(await delivered(3)), [5, 0]);
    assert.deepEqual(marksOf(await read(4)), [5, 4]);
    assert.deepEqual(marksOf(await read(7)), [7, 7]);
    assert.deepEqual(marksOf(await read(2)), [7, 7]);
    assert.deepEqual(marksOf(await delivered(0)), [7, 7]);
  });

  it('end at the highest of many concurrent marks on two nodes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(12), fc.boolean(), fc.boolean())), async (all) => {
        const [cat = ''] = await people(mongo, 1);
        const id = await one.direct(ann, cat);
        const tail = await one.say(id, ann, 'a', 'b', 'c', 'd', 'e');
        const answers = await Promise.all(
          all.map(async ([seq, isRead, isFirst]) => {
            const name = isRead ? 'receipt:read' : 'receipt:delivered';
            const receipt = await (isFirst ? one : two).call(cat, name, {
              conversationId: id,
              seq,
            });
            const asked = Math.min(seq, tail);
            assert.ok(receipt.deliveredSeq >= asked);
            assert.ok(!isRead || receipt.readSeq >= asked);
            return receipt;
          }),
        );
        const stored = await one.node.members.find(id, cat);
        const greatest = (choose: (receipt: Receipt) => number) =>
          Math.max(0, ...answers.map(choose));
        assert.equal(
          stored?.deliveredSeq,
          greatest(({ deliveredSeq }) => deliveredSeq),
        );
        assert.equal(
          stored.readSeq,
          greatest(({ readSeq }) => readSeq),
        );
        assert.ok(stored.deliveredSeq <= tail);
      }),
      { numRuns: 15 },
    );
  });

  it('are limited to the newest entry', async () => {
    assert.deepEqual(marksOf(await read(1_000_000)), [10, 10]);
    assert.deepEqual(marksOf(await delivered(1_000_000, 'heads')), [10, 10]);
  });

  it('reach entries that another node has just written', async () => {
    await two.call(ben, 'conversation:get', { conversationId });
    const seq = await one.say(conversationId, ann, 'new');
    assert.deepEqual(marksOf(await delivered(seq, undefined, two)), [11, 0]);
  });

  it('of a plain socket are limited to what it was sent, and raise the cursor of its session', async () => {
    one.sent.set(`plain:${conversationId}`, 4);
    assert.deepEqual(marksOf(await delivered(9, 'plain')), [4, 0]);
    assert.deepEqual(marksOf(await read(9, 'plain')), [4, 4]);
    const raised = [`session of ${ben}`, conversationId, 4];
    assert.deepEqual(one.cursors, [raised, raised]);
  });

  it('over HTTP raise the cursor of the session, and those of heads sockets do not', async () => {
    await delivered(6);
    await delivered(7, 'heads');
    assert.deepEqual(one.cursors, [[`session of ${ben}`, conversationId, 6]]);
  });

  it('clear the unread flag when read, not when delivered, and notify the own devices', async () => {
    await one.call(ben, 'conversation:settings', { conversationId, unread: true });
    one.sentEvents.length = 0;
    await delivered(9);
    assert.equal(
      (await one.call(ben, 'conversation:get', { conversationId })).settings.unread,
      true,
    );
    await read(0);
    const { settings } = await one.call(ben, 'conversation:get', { conversationId });
    assert.equal(settings.unread, false);
    assert.deepEqual(
      one.sentEvents.filter(({ name }) => name === 'conversation'),
      [
        {
          to: { userId: ben },
          name: 'conversation',
          payload: { action: 'updated', conversationId, settings },
        },
      ],
    );
  });

  it('write nothing and send nothing if no mark rises', async () => {
    await read(9);
    await settled();
    one.sentEvents.length = 0;
    await one.fire();
    await Promise.all([read(9), delivered(4), delivered(9)]);
    await settled();
    assert.deepEqual(one.sentEvents, []);
  });

  describe('as events', () => {
    it('are sent at once, then at most every 100 ms with the newest of each member', async () => {
      await delivered(2);
      await settled();
      for (const seq of [3, 4]) await delivered(seq);
      await read(4);
      await one.call(ann, 'receipt:read', { conversationId, seq: 10 });
      await settled();
      assert.deepEqual(shown(one.sentEvents), [[ben, 2, 0]]);
      await one.fire();
      assert.deepEqual(shown(one.sentEvents), [
        [ben, 2, 0],
        [ben, 4, 4],
        [ann, 10, 10],
      ]);
      await one.fire();
      await delivered(5);
      await settled();
      assert.deepEqual(shown(one.sentEvents).at(-1), [ben, 5, 4]);
      assert.deepEqual(one.sentEvents.at(-1)?.to, { conversationId });
    });

    it('hide private reading from other members, and show it to the own devices', async () => {
      const [shy = ''] = await people(mongo, 1, {
        privacy: { readReceipts: false, lastSeen: true },
      });
      const id = await one.group([ann, shy]);
      const seq = await one.say(id, ann, 'a', 'b');
      one.sentEvents.length = 0;
      const answer = await one.call(shy, 'receipt:read', { conversationId: id, seq: 2 });
      assert.deepEqual(marksOf(answer), [2, 2]);
      await settled();
      const receipt = { conversationId: id, userId: shy, deliveredSeq: 2, readSeq: 2 };
      assert.deepEqual(one.sentEvents, [
        { to: { userId: shy }, name: 'receipt', payload: receipt },
        {
          to: { conversationId: id },
          exceptUserIds: [shy],
          name: 'receipt',
          payload: { ...receipt, readSeq: 0 },
        },
      ]);

      await one.fire();
      await one.call(shy, 'receipt:delivered', { conversationId: id, seq });
      await settled();
      await one.fire();
      one.sentEvents.length = 0;
      await one.call(shy, 'receipt:read', { conversationId: id, seq });
      await settled();
      await one.fire();
      assert.deepEqual(
        one.sentEvents.map(({ to }) => to),
        [{ userId: shy }],
      );
    });

    it('show a delivery to other members even if private reading follows within 100 ms', async () => {
      const [shy = ''] = await people(mongo, 1, {
        privacy: { readReceipts: false, lastSeen: true },
      });
      const id = await one.group([ann, shy]);
      await one.say(id, ann, 'a', 'b');
      const sendMark = (name: 'receipt:delivered' | 'receipt:read', seq: number) =>
        one.call(shy, name, { conversationId: id, seq });
      await sendMark('receipt:delivered', 2);
      await settled();
      await sendMark('receipt:delivered', 3);
      await sendMark('receipt:read', 3);
      one.sentEvents.length = 0;
      await one.fire();
      const shownToOthers = one.sentEvents.filter(
        ({ exceptUserIds }) => exceptUserIds?.[0] === shy,
      );
      assert.deepEqual(shown(shownToOthers), [[shy, 3, 0]]);
    });

    it('are sent only to the own devices above 50 members', async () => {
      const crowd = await people(mongo, 50);
      const id = await one.group([ann, ...crowd]);
      await one.call(ann, 'receipt:read', { conversationId: id, seq: 1 });
      await settled();
      assert.deepEqual(
        one.sentEvents.filter(({ name }) => name === 'receipt').map(({ to }) => to),
        [{ userId: ann }],
      );
      await one.call(ann, 'member:remove', { conversationId: id, userId: crowd[0]! });
      await one.fire();
      await one.call(crowd[1]!, 'receipt:read', { conversationId: id, seq: 1 });
      await settled();
      await one.fire();
      assert.deepEqual(one.sentEvents.at(-1)?.to, { conversationId: id });
    });
  });

  it('are stored for a membership whose document was lost in a crash', async () => {
    await mongo.db.collection('members').deleteMany({ conversationId });
    await mongo.db
      .collection<{ _id: string }>('conversations')
      .updateOne({ _id: conversationId }, { $set: { membersSeq: 0 } });
    assert.deepEqual(marksOf(await read(3)), [3, 3]);
  });
});

/** Receipts that were sent, as user, delivered and read. */
function shown(events: readonly SentEvent[]) {
  return events
    .filter(({ name }) => name === 'receipt')
    .map(({ payload }) => {
      const { deliveredSeq, readSeq, userId } = payload as Receipt;
      return [userId, deliveredSeq, readSeq];
    });
}
