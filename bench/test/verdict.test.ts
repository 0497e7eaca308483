import assert from 'node:assert/strict';

import { faultsOf, line, microsecondsOf, type Verdict } from '../src/abuse/verdict.ts';

const GOOD: Verdict = {
  ...{ idle: 10, attacked: 18, worst: 40, lost: 0, secondsAbove: 1, idleAbove: 0 },
  seconds: [12, 30, 11],
  attackedAt: { from: 0, to: 1 },
  events: 500,
  cpu: { idle: 0.1, attacked: 0.2, attacker: 0.3 },
  memory: { before: 100, peak: 300, after: 140, backAfter: 7 },
  ...{ stopped: 90, exit: '0' },
};

describe('an attack', () => {
  it('exceeds no bound if the p99 is high for a second, and the node frees its memory and ends', () => {
    assert.deepEqual(faultsOf(GOOD), []);
    const { NaN: unmeasured } = Number;
    const memory = { before: unmeasured, peak: unmeasured, after: unmeasured, backAfter: 0 };
    assert.deepEqual(faultsOf({ ...GOOD, memory }), []);
  });

  for (const [what, given, fault] of [
    ['keeps the p99 high for longer', { secondsAbove: 1.1 }, 'p99'],
    [
      'leaves the memory of the node high',
      { memory: { ...GOOD.memory, backAfter: undefined } },
      'memory',
    ],
    ['prevents a message of an honest user from being stored', { lost: 1 }, 'lost'],
    ['prevents the node from ending', { exit: 'SIGKILL' }, 'exit SIGKILL'],
    ['leaves the node busy when it must end', { exit: '2' }, 'exit 2'],
  ] as const) {
    it(`exceeds a bound if it ${what}`, () => {
      assert.deepEqual(faultsOf({ ...GOOD, ...given }), [fault]);
    });
  }

  it('costs the CPU time of the node for each event, without what the idle node uses', () => {
    assert.ok(Math.abs(microsecondsOf(GOOD) - 200) < 1e-6);
    assert.equal(microsecondsOf({ ...GOOD, cpu: { ...GOOD.cpu, attacked: 0.05 } }), 0);
  });

  it('is shown with its number of events, also if that is 0', () => {
    assert.match(line('typing', GOOD, []), / 40 ms +0 .* 500 +200 +100\/300\/140 +7 s +90 ms +met/);
    const nothing = { ...GOOD, events: 0, memory: { ...GOOD.memory, backAfter: undefined } };
    const shown = line('presence', nothing, ['memory']);
    assert.match(shown, / 0 +- +100\/300\/140 +no +90 ms +missed: memory/);
    assert.doesNotMatch(shown, /NaN|Infinity/);
  });

  it('is shown with its faults and the p99 of each second', () => {
    assert.match(line('typing', GOOD, []), /^typing .* met\n +by second: 12 30 11$/);
    assert.match(line('typing', GOOD, ['p99', 'memory']), / missed: p99, memory\n/);
  });
});
