import assert from 'node:assert/strict';

import { LatestWriter } from '../../src/sync/latest-writer.ts';
import { Pauses } from '../../src/sync/pauses.ts';
import { PendingWrites } from '../../src/sync/pending-writes.ts';
import { deferred } from '../support/deferred.ts';

describe('a writer of the latest value', () => {
  const writerOf = (every: number, gate: () => Promise<void> = () => Promise.resolve()) => {
    const written: number[] = [];
    const writer = new LatestWriter(every, async (value) => {
      written.push(value);
      await gate();
    });
    return { writer, written };
  };

  it('writes every n-th value, and the last value at the end', async () => {
    const { writer, written } = writerOf(3);
    for (let value = 1; value <= 7; value += 1) {
      writer.put(value);
      await Promise.resolve();
    }
    await writer.finish();
    assert.deepEqual(written, [3, 6, 7]);
    await writer.finish();
    assert.deepEqual(written, [3, 6, 7]);
  });

  it('writes one value at a time, and then the newest of those that came meanwhile', async () => {
    const first = deferred();
    const { writer, written } = writerOf(1, () => first.promise);
    for (const value of [1, 2, 3]) writer.put(value);
    assert.deepEqual(written, [1]);
    first.resolve();
    await writer.finish();
    assert.deepEqual(written, [1, 3]);
  });

  it('writes nothing at the end if there was no value', async () => {
    const { writer, written } = writerOf(2);
    await writer.finish();
    assert.deepEqual(written, []);
  });
});

describe('pending writes', () => {
  it('are awaited by session', async () => {
    const writes = new PendingWrites();
    const [one, two] = [deferred(), deferred()];
    writes.add('phone', one.promise);
    writes.add('phone', two.promise);
    await writes.settled('tablet');
    let isSettled = false;
    const settled = writes.settled('phone').then(() => (isSettled = true));
    one.resolve();
    await new Promise(setImmediate);
    assert.equal(isSettled, false);
    two.resolve();
    await settled;
    await writes.settled('phone');
  });
});

describe('a pause', () => {
  it('ends after its time', async () => {
    await new Pauses().pause(1);
  });

  it('ends at once when its owner stops, and begins no more', async () => {
    const pauses = new Pauses();
    const all = Promise.all([pauses.pause(60_000), pauses.pause(60_000)]);
    pauses.stop();
    await all;
    await pauses.pause(60_000);
  });
});
