import assert from 'node:assert/strict';
import fc from 'fast-check';

import { OrderedDelivery, type DeliveryTarget } from '../../src/delivery/ordered-delivery.ts';
import { CommittedEntry } from '../../src/log/committed-entry.ts';
import type { EntryDocument } from '../../src/log/entry-document.ts';
import { say } from '../support/test-log.ts';

/** A log in memory with its delivery, and timers that the test fires. */
class Rig {
  readonly released: number[] = [];
  readonly skips: [from: number, position: number | undefined][] = [];
  readonly delivery: OrderedDelivery;
  reads = 0;
  /** Called when a read has its answer, which the delivery gets later. */
  answered: () => void = () => undefined;
  readonly #log: EntryDocument[] = [];
  #timers: (() => void)[] = [];
  #membersAreSlow: boolean;

  constructor(membersAreSlow = false) {
    this.#membersAreSlow = membersAreSlow;
    const target: DeliveryTarget = {
      release: ({ document }) => {
        if (this.#membersAreSlow && document.kind === 'members') {
          return new Promise((resolve) => setImmediate(resolve)).then(() => {
            this.released.push(document.seq);
          });
        }
        this.released.push(document.seq);
        return undefined;
      },
      read: (after, limit) => {
        this.reads += 1;
        const missing = this.#log.filter(({ seq }) => seq > after).slice(0, limit);
        this.answered();
        return Promise.resolve(missing.map((document) => new CommittedEntry(document)));
      },
      skipped: (from) => this.skips.push([from, this.delivery.position]),
      after: (_ms, callback) => this.#timers.push(callback),
      countChange: () => 0,
      reportFault: (fault, error) => {
        throw new Error(fault, { cause: error });
      },
    };
    this.delivery = new OrderedDelivery(target);
  }

  /** Commits entries up to `seq`. */
  commit(seq: number, membersAt: ReadonlySet<number> = new Set()): void {
    for (let next = this.#log.length + 1; next <= seq; next += 1) {
      this.#log.push(entry(next, membersAt.has(next) ? 'members' : 'title'));
    }
  }

  hear(seq: number): void {
    const document = this.#log[seq - 1];
    assert.ok(document !== undefined);
    this.delivery.offer(new CommittedEntry(document));
  }

  /** Fires every timer, and those set meanwhile, until there are none for a while. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 20; quiet += 1) {
      const due = this.#timers;
      const before = this.released.length;
      this.#timers = [];
      for (const callback of due) callback();
      await new Promise((resolve) => setImmediate(resolve));
      if (due.length > 0 || this.released.length > before) quiet = 0;
    }
  }
}

function entry(seq: number, kind: 'title' | 'members'): EntryDocument {
  const base = {
    _id: `e${seq}`,
    conversationId: 'c',
    seq,
    senderId: 's',
    clientId: `k${seq}`,
    at: 0,
  };
  return kind === 'title'
    ? { ...base, kind, title: `${seq}` }
    : { ...base, kind, action: 'added', userIds: [], role: null };
}

function message(seq: number): EntryDocument {
  const base = { _id: `e${seq}`, conversationId: 'c', senderId: 's', clientId: `k${seq}`, at: 0 };
  return { ...base, seq, ...say('Hello') };
}

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

describe('ordered delivery', () => {
  it('sends entries once, in ascending order and without gaps, even if cluster events are lost or late', async () => {
    const clusterEvents = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 120 });
    const members = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(
        clusterEvents,
        members,
        fc.integer({ min: 0, max: 40 }),
        async (order, slow, open) => {
          const rig = new Rig(true);
          rig.commit(40, new Set(slow));
          const opensAfter = Math.min(open, order.length);
          order.forEach((seq, index) => {
            if (index === opensAfter) rig.delivery.open(0);
            rig.hear(seq);
          });
          rig.delivery.open(0);
          await rig.settle();
          // The last cluster events may all be lost. The comparison with the tail finds that.
          rig.delivery.noteTail(40);
          await rig.settle();
          assert.deepEqual(rig.released, upTo(40));
          assert.equal(rig.delivery.position, 40);
          assert.ok(rig.delivery.isSettled);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('sends nothing up to the position at which it opens', async () => {
    const rig = new Rig();
    rig.commit(9);
    for (const seq of [9, 8, 7]) rig.hear(seq);
    rig.delivery.open(7);
    await rig.settle();
    assert.deepEqual(rig.released, [8, 9]);
  });

  it('knows the newest entry on members or title that it has sent', async () => {
    const rig = new Rig();
    rig.commit(3);
    rig.delivery.open(1);
    assert.equal(rig.delivery.membershipSeq, 0);
    for (const seq of [2, 3]) rig.hear(seq);
    rig.delivery.offer(new CommittedEntry(message(4)));
    await rig.settle();
    assert.deepEqual([rig.delivery.position, rig.delivery.membershipSeq], [4, 3]);
  });

  it('sends what the log was known to have before it was open', async () => {
    const rig = new Rig();
    rig.commit(5);
    // Its position was read before the last entry was stored, and arrives after it.
    rig.delivery.noteTail(5);
    rig.delivery.open(4);
    await rig.settle();
    assert.deepEqual(rig.released, [5]);
    rig.delivery.noteTail(4);
    assert.equal(rig.reads, 1);
  });

  it('does not read the log while cluster events arrive in order', async () => {
    const rig = new Rig();
    rig.commit(50);
    rig.delivery.open(0);
    for (const seq of upTo(50)) rig.hear(seq);
    await rig.settle();
    assert.equal(rig.reads, 0);
    assert.deepEqual(rig.released, upTo(50));
  });

  it('ignores a cluster event of an entry that is not in the log', async () => {
    const rig = new Rig();
    rig.commit(3);
    rig.delivery.open(3);
    rig.delivery.offer(new CommittedEntry(entry(9, 'title')));
    await rig.settle();
    assert.deepEqual(rig.released, []);
    assert.ok(rig.delivery.isSettled);
  });

  it('keeps what is offered while it reads a log that has nothing new yet', async () => {
    const rig = new Rig();
    rig.delivery.open(0);
    rig.delivery.noteTail(3);
    rig.answered = () => {
      rig.answered = () => undefined;
      rig.commit(2);
      rig.hear(2);
    };
    await rig.settle();
    assert.deepEqual(rig.released, upTo(2));
    assert.ok(rig.delivery.isSettled);
  });

  it('skips entries when it is more than 1,000 entries behind', async () => {
    const rig = new Rig();
    rig.delivery.open(0);
    rig.commit(1_500);
    rig.hear(1_500);
    await rig.settle();
    assert.deepEqual(rig.skips, [[0, 1_500]]);
    assert.deepEqual(rig.released, []);
    rig.commit(1_501);
    rig.hear(1_501);
    assert.deepEqual(rig.released, [1_501]);
  });

  it('keeps a limited number of waiting entries', () => {
    const rig = new Rig();
    rig.commit(5_000);
    for (const seq of upTo(5_000).slice(1)) rig.hear(seq);
    rig.delivery.open(0);
    rig.hear(1);
    assert.ok(rig.released.length <= 1_001);
  });
});
