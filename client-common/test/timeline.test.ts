import assert from 'node:assert/strict';

import type { Entry } from '@parley/common/contract';
import fc from 'fast-check';

import { ReceivedEntries } from '../src/conversations/received-entries.ts';
import { EntryRange } from '../src/timeline/entry-range.ts';
import { World } from './support/world.ts';

const world = new World(() => 0);

/** A log of messages and deletions of some of them, as it was written: with every text. */
function logOf(length: number, deletions: readonly number[]): Entry[] {
  const conversation = world.conversation(['a', 'b']);
  for (let index = 1; index < length; index += 1) world.say(conversation, 'b', `m${index}`);
  for (const place of deletions) {
    const message = conversation.entries[1 + (place % (length - 1))]!;
    const rest = { messageId: message.id, messageSeq: message.seq };
    world.append(conversation, {
      kind: 'deletion',
      senderId: 'b',
      clientId: world.newId(),
      ...rest,
    });
  }
  return conversation.entries;
}

/** What the log looks like once everything is folded: what a server answers at the end. */
function folded(log: readonly Entry[]): Entry[] {
  const deleted = new Set(log.flatMap((e) => (e.kind === 'deletion' ? [e.messageSeq] : [])));
  return log.map((entry) =>
    entry.kind === 'message' && deleted.has(entry.seq)
      ? { ...entry, text: null, attachment: null, deleted: true }
      : entry,
  );
}

const anyLog = fc
  .record({
    length: fc.integer({ min: 2, max: 40 }),
    deletions: fc.array(fc.nat(), { maxLength: 5 }),
  })
  .map(({ length, deletions }) => logOf(length, deletions));

describe('A window on a log', () => {
  it('equals the log once pages fill it, whatever live entries are reordered, duplicated or lost', () => {
    const story = anyLog.chain((log) =>
      fc.record({
        log: fc.constant(log),
        start: fc.nat({ max: log.length }),
        live: fc.array(fc.constantFrom(...log), { maxLength: 120 }),
        pages: fc.array(fc.integer({ min: 1, max: 10 }), { maxLength: 10 }),
      }),
    );
    fc.assert(
      fc.property(story, ({ log, start, live, pages }) => {
        const window = new EntryRange(start);
        const take = (entries: readonly Entry[]) => {
          for (const entry of entries) {
            if (entry.kind === 'deletion') window.delete(entry.messageSeq);
          }
          window.extend(entries);
        };
        for (const [index, entry] of live.entries()) {
          take([entry]);
          const size = pages[index];
          // A page may have been read before a deletion that is known already.
          if (size !== undefined) take(log.slice(window.last, window.last + size));
          assertRun(window, start);
        }
        take(log.slice(window.last));
        const older = log.slice(0, start);
        for (const entry of older) if (entry.kind === 'deletion') window.delete(entry.messageSeq);
        window.prepend(older);
        assert.deepEqual(window.entries, folded(log));
      }),
      { numRuns: 300 },
    );
  });

  it('keeps within its size at either end and goes on from there', () => {
    const log = logOf(100, []);
    const window = new EntryRange(0);
    window.extend(log);
    window.dropOldest(30);
    assert.deepEqual([window.first, window.last, window.size], [71, 100, 30]);
    window.prepend(log.slice(40, 70));
    window.dropNewest(40);
    assert.deepEqual([window.first, window.last, window.size], [41, 80, 40]);
    window.extend(log.slice(80));
    assert.deepEqual(window.entries, log.slice(40));
  });

  it('takes older entries only where they adjoin', () => {
    const log = logOf(20, []);
    const window = new EntryRange(10);
    window.extend(log.slice(10));
    window.prepend(log.slice(0, 5));
    assert.equal(window.first, 11);
    window.prepend(log.slice(5, 15));
    assert.equal(window.first, 6);
  });
});

function assertRun(window: EntryRange, start: number): void {
  const seqs = window.entries.map((entry) => entry.seq);
  assert.deepEqual(
    seqs,
    seqs.map((_, index) => start + 1 + index),
  );
  assert.equal(window.last, start + seqs.length);
}

describe('The set of received entries', () => {
  it('has a gapless prefix and its first gap, whatever came in whatever order', () => {
    const range = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.nat({ max: 10 }));
    fc.assert(
      fc.property(fc.nat({ max: 20 }), fc.array(range, { maxLength: 30 }), (mark, ranges) => {
        const entries = new ReceivedEntries(mark);
        const received = new Set(Array.from({ length: mark }, (_, index) => index + 1));
        for (const [from, length] of ranges) {
          entries.add(from, from + length);
          for (let seq = from; seq <= from + length; seq += 1) received.add(seq);
        }
        let have = 0;
        while (received.has(have + 1)) have += 1;
        assert.equal(entries.upTo, have);
        let to = have;
        while (to < 80 && !received.has(to + 1)) to += 1;
        assert.deepEqual(entries.gap(80), { after: have, to });
        for (let seq = 1; seq <= 80; seq += 1) assert.equal(entries.has(seq), received.has(seq));
      }),
    );
  });

  it('has no gap where everything is received', () => {
    const received = new ReceivedEntries(0);
    received.add(1, 5);
    assert.equal(received.gap(5), null);
    received.addUpTo(9);
    assert.equal(received.upTo, 9);
    received.addUpTo(3);
    assert.equal(received.upTo, 9);
  });
});
