import assert from 'node:assert/strict';
import fc from 'fast-check';

import { Gate, type GateOutlet } from '../../src/delivery/gate.ts';
import { CommittedEntry } from '../../src/log/committed-entry.ts';
import type { EntryDocument } from '../../src/log/entry-document.ts';

/** A log in memory with a gate on it, and timers that fire when the test says so. */
class GateRig {
  readonly released: number[] = [];
  readonly skips: [from: number, position: number | undefined][] = [];
  readonly gate: Gate;
  reads = 0;
  readonly #log: EntryDocument[] = [];
  #timers: (() => void)[] = [];
  #membersAreSlow: boolean;

  constructor(membersAreSlow = false) {
    this.#membersAreSlow = membersAreSlow;
    const outlet: GateOutlet = {
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
        return Promise.resolve(this.#log.filter(({ seq }) => seq > after).slice(0, limit));
      },
      skipped: (from) => this.skips.push([from, this.gate.position]),
      after: (_ms, callback) => this.#timers.push(callback),
      reportFault: (fault, error) => {
        throw new Error(fault, { cause: error });
      },
    };
    this.gate = new Gate(outlet);
  }

  /** Commits entries up to `seq`. */
  commit(seq: number, membersAt: ReadonlySet<number> = new Set()): void {
    for (let next = this.#log.length + 1; next <= seq; next += 1) {
      this.#log.push(entry(next, membersAt.has(next) ? 'members' : 'title'));
    }
  }

  hint(seq: number): void {
    const document = this.#log[seq - 1];
    assert.ok(document !== undefined);
    this.gate.offer(new CommittedEntry(document));
  }

  /** Lets every timer fire, and what follows, until nothing has been left to do for a while. */
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

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

describe('a gate', () => {
  it('lets entries out ascending, gapless and once, whatever becomes of the hints', async () => {
    const hints = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 120 });
    const members = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(
        hints,
        members,
        fc.integer({ min: 0, max: 40 }),
        async (order, slow, open) => {
          const rig = new GateRig(true);
          rig.commit(40, new Set(slow));
          const opensAfter = Math.min(open, order.length);
          order.forEach((seq, index) => {
            if (index === opensAfter) rig.gate.open(0);
            rig.hint(seq);
          });
          rig.gate.open(0);
          await rig.settle();
          // The last hints may all be lost: then the comparison with the tail finds it.
          rig.gate.noteTail(40);
          await rig.settle();
          assert.deepEqual(rig.released, upTo(40));
          assert.equal(rig.gate.position, 40);
          assert.ok(rig.gate.isSettled);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('sends nothing up to where it opens', async () => {
    const rig = new GateRig();
    rig.commit(9);
    for (const seq of [9, 8, 7]) rig.hint(seq);
    rig.gate.open(7);
    await rig.settle();
    assert.deepEqual(rig.released, [8, 9]);
  });

  it('reads nothing while hints arrive in order', async () => {
    const rig = new GateRig();
    rig.commit(50);
    rig.gate.open(0);
    for (const seq of upTo(50)) rig.hint(seq);
    await rig.settle();
    assert.equal(rig.reads, 0);
    assert.deepEqual(rig.released, upTo(50));
  });

  it('forgets a hint of an entry that is not in the log', async () => {
    const rig = new GateRig();
    rig.commit(3);
    rig.gate.open(3);
    rig.gate.offer(new CommittedEntry(entry(9, 'title')));
    await rig.settle();
    assert.deepEqual(rig.released, []);
    assert.ok(rig.gate.isSettled);
  });

  it('goes on without sending when it is more than 1,000 entries behind', async () => {
    const rig = new GateRig();
    rig.gate.open(0);
    rig.commit(1_500);
    rig.hint(1_500);
    await rig.settle();
    assert.deepEqual(rig.skips, [[0, 1_500]]);
    assert.deepEqual(rig.released, []);
    rig.commit(1_501);
    rig.hint(1_501);
    assert.deepEqual(rig.released, [1_501]);
  });

  it('holds a bounded number of entries that wait', () => {
    const rig = new GateRig();
    rig.commit(5_000);
    for (const seq of upTo(5_000).slice(1)) rig.hint(seq);
    rig.gate.open(0);
    rig.hint(1);
    assert.ok(rig.released.length <= 1_001);
  });
});
