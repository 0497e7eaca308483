import assert from 'node:assert/strict';

import { Pending, SLOT, newest, newsFor } from '../../src/push/scheduling/pending-deliveries.ts';

const message = (conversationId: string, seq: number, senderId = 'ann') => ({
  ...{ conversationId, seq, senderId },
});

describe('what waits to be acknowledged', () => {
  let now = 1_000;
  const clock = () => now;

  it('keeps the newest message of a conversation, and the newest of somebody else', () => {
    const all = [message('c', 3, 'ben'), message('c', 4, 'ann'), message('c', 5, 'ann')];
    for (const order of [all, [...all].reverse()]) {
      const last = order.reduce<Parameters<typeof newest>[0]>(
        (before, each) => newest(before, each),
        undefined,
      )!;
      assert.equal(newsFor('ann', last), 3);
      assert.equal(newsFor('ben', last), 5);
      assert.equal(newsFor('cleo', last), 5);
    }
    assert.equal(newsFor('ann', newest(undefined, message('c', 1))), undefined);
  });

  it('gives slots out when their time is over, the oldest first', () => {
    const pending = new Pending(clock);
    pending.note(message('c', 1));
    now += SLOT;
    pending.note(message('d', 1));
    assert.equal(pending.endedBefore(now).length, 1);
    const [first] = pending.endedBefore(now);
    assert.deepEqual([...first!.conversations.keys()], ['c']);
    pending.forget(first!);
    assert.deepEqual(pending.endedBefore(now), []);
    assert.equal(pending.size, 1);
  });

  it('knows who has acknowledged while a message waits, and forgets it then', () => {
    const pending = new Pending(clock);
    pending.acknowledge('c', 'ben', 9);
    assert.equal(pending.hasAcknowledged('c', 'ben', 1), false);
    pending.note(message('c', 1));
    pending.acknowledge('c', 'ben', 1);
    assert.equal(pending.hasAcknowledged('c', 'ben', 1), true);
    assert.equal(pending.hasAcknowledged('c', 'ben', 2), false);
    pending.forget(pending.all()[0]!);
    assert.equal(pending.hasAcknowledged('c', 'ben', 1), false);
  });

  it('says up to when everything is dealt with', () => {
    const pending = new Pending(clock);
    assert.equal(pending.flushedTo, now);
    const noted = now;
    pending.note(message('c', 1));
    now += 10_000;
    assert.equal(pending.flushedTo, noted);
    pending.forget(pending.all()[0]!);
    assert.equal(pending.flushedTo, now);
  });

  it('remembers no more than it may, and since when that was too little', () => {
    const pending = new Pending(clock, 2);
    const since = now;
    for (const id of ['a', 'b', 'c', 'a']) pending.note(message(id, 1));
    assert.equal(pending.size, 2);
    now += 60_000;
    for (const slot of pending.all()) pending.forget(slot);
    assert.equal(pending.isEmpty, false);
    assert.equal(pending.flushedTo, since);
    assert.equal(pending.takeLost(), since);
    assert.equal(pending.takeLost(), undefined);
    assert.equal(pending.isEmpty, true);
  });
});
