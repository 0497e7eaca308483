import assert from 'node:assert/strict';
import { Metrics } from '@parley/backend-common';

import { createEntryHops, type EntryHops } from '../../src/delivery/entry-hops.ts';

const entry = (seq: number, at: number, conversationId = 'one') => ({
  conversationId,
  seq,
  senderId: 'ann',
  at,
});

describe('the hops of an entry', () => {
  let now: number;
  let metrics: Metrics;
  let hops: EntryHops;

  beforeEach(() => {
    now = 1_000_000;
    metrics = new Metrics('test');
    hops = createEntryHops(metrics, () => now);
  });

  /** The number of observations of a hop, and their sum in seconds. */
  async function observed(hop: string): Promise<[count: number, sum: number]> {
    const text = await metrics.registry.getSingleMetricAsString(`parley_entry_${hop}_seconds`);
    const value = (ending: string) =>
      Number(new RegExp(`_${ending}(?:\\{.*\\})? (\\S+)$`, 'm').exec(text)?.[1]);
    return [value('count'), value('sum')];
  }

  function acknowledge(userId: string, marks: { readonly delivered?: number; read?: number }) {
    const { delivered = 0, read = 0 } = marks;
    hops.acknowledged({
      receipt: { conversationId: 'one', userId, deliveredSeq: delivered, readSeq: read },
      isDeliveredNew: delivered > 0,
      isReadNew: read > 0,
    });
  }

  it('are measured from the time at which the entry was accepted', async () => {
    hops.committed([{ document: entry(1, now - 20) }, { document: entry(2, now - 30) }]);
    hops.received([entry(1, now - 500), entry(2, now - 40)]);
    hops.emitted(entry(1, now - 250));
    assert.deepEqual(await observed('committed'), [2, 0.05]);
    assert.deepEqual(await observed('received'), [1, 0.04]);
    assert.deepEqual(await observed('emitted'), [1, 0.25]);
  });

  it('are never negative, although the clocks of two nodes differ', async () => {
    hops.received([entry(1, now + 5)]);
    hops.emitted(entry(1, now + 5));
    assert.deepEqual(await observed('received'), [1, 0]);
    assert.deepEqual(await observed('emitted'), [1, 0]);
  });

  it('end with the first receipt of a recipient, not of the sender', async () => {
    hops.emitted(entry(5, now));
    now += 1_000;
    acknowledge('ann', { delivered: 5, read: 5 });
    acknowledge('ben', { delivered: 4 });
    assert.deepEqual(await observed('delivered'), [0, 0]);
    acknowledge('ben', { delivered: 5 });
    acknowledge('cal', { delivered: 6 });
    assert.deepEqual(await observed('delivered'), [1, 1]);
    now += 1_000;
    acknowledge('cal', { delivered: 7, read: 7 });
    assert.deepEqual(await observed('read'), [1, 2]);
  });

  it('are sampled: one receipt of a conversation is awaited at a time, for 10 minutes', async () => {
    hops.emitted(entry(1, now));
    hops.emitted(entry(2, now + 100));
    now += 1_000;
    acknowledge('ben', { delivered: 2 });
    assert.deepEqual(await observed('delivered'), [1, 1]);
    now += 10 * 60_000;
    hops.emitted(entry(3, now));
    now += 2_000;
    acknowledge('ben', { read: 3 });
    assert.deepEqual(await observed('read'), [1, 2]);
  });

  it('are not awaited in more than 5,000 conversations', async () => {
    hops.emitted(entry(1, now));
    for (let other = 0; other < 5_000; other += 1) hops.emitted(entry(1, now, `other-${other}`));
    acknowledge('ben', { delivered: 1 });
    assert.deepEqual(await observed('delivered'), [0, 0]);
  });
});
