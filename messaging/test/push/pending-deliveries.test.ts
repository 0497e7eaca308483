import assert from 'node:assert/strict';

import {
  PendingDeliveries,
  SLOT,
  newest,
  newestFor,
} from '../../src/push/scheduling/pending-deliveries.ts';

const message = (conversationId: string, seq: number, senderId = 'ann') => ({
  ...{ conversationId, seq, senderId },
});

describe('pending deliveries', () => {
  let now = 1_000;
  const clock = () => now;

  it('keep the newest message of a conversation, and the newest by another sender', () => {
    const all = [message('c', 3, 'ben'), message('c', 4, 'ann'), message('c', 5, 'ann')];
    for (const order of [all, [...all].reverse()]) {
      const last = order.reduce<Parameters<typeof newest>[0]>(
        (before, each) => newest(before, each),
        undefined,
      )!;
      assert.equal(newestFor('ann', last), 3);
      assert.equal(newestFor('ben', last), 5);
      assert.equal(newestFor('cleo', last), 5);
    }
    assert.equal(newestFor('ann', newest(undefined, message('c', 1))), undefined);
  });

  it('return the slots that have ended, oldest first', () => {
    const pending = new PendingDeliveries(clock);
    pending.add(message('c', 1));
    now += SLOT;
    pending.add(message('d', 1));
    assert.equal(pending.endedBefore(now).length, 1);
    const [first] = pending.endedBefore(now);
    assert.deepEqual([...first!.conversations.keys()], ['c']);
    pending.remove(first!);
    assert.deepEqual(pending.endedBefore(now), []);
    assert.equal(pending.size, 1);
  });

  it('keep acknowledgements while a message is pending, and no longer', () => {
    const pending = new PendingDeliveries(clock);
    pending.acknowledge('c', 'ben', 9);
    assert.equal(pending.hasAcknowledged('c', 'ben', 1), false);
    pending.add(message('c', 1));
    pending.acknowledge('c', 'ben', 1);
    assert.equal(pending.hasAcknowledged('c', 'ben', 1), true);
    assert.equal(pending.hasAcknowledged('c', 'ben', 2), false);
    pending.remove(pending.all()[0]!);
    assert.equal(pending.hasAcknowledged('c', 'ben', 1), false);
  });

  it('report up to which time everything is scheduled', () => {
    const pending = new PendingDeliveries(clock);
    assert.equal(pending.flushedTo, now);
    const noted = now;
    pending.add(message('c', 1));
    now += 10_000;
    assert.equal(pending.flushedTo, noted);
    pending.remove(pending.all()[0]!);
    assert.equal(pending.flushedTo, now);
  });

  it('keep no more than the limit, and since when it was exceeded', () => {
    const pending = new PendingDeliveries(clock, 2);
    const since = now;
    for (const id of ['a', 'b', 'c', 'a']) pending.add(message(id, 1));
    assert.equal(pending.size, 2);
    now += 60_000;
    for (const slot of pending.all()) pending.remove(slot);
    assert.equal(pending.isEmpty, false);
    assert.equal(pending.flushedTo, since);
    assert.equal(pending.takeOverflow(), since);
    assert.equal(pending.takeOverflow(), undefined);
    assert.equal(pending.isEmpty, true);
  });
});
