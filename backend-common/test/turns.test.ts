import assert from 'node:assert/strict';

import { TURN, Turns } from '../src/limits/turns.ts';

/** Turns that a test goes through one by one, with what has begun. */
function turnsWith(limits: ConstructorParameters<typeof Turns>[0]) {
  let now = 1_000;
  let run: (() => void) | undefined;
  const begun: string[] = [];
  const turns = new Turns(limits, {
    monotonic: () => now,
    eachTurn(turn) {
      run = turn;
      return () => (run = undefined);
    },
  });
  return {
    ...{ begun, turns },
    isRunning: () => run !== undefined,
    /** Lets one piece of work come. Returns whether it waits. */
    come: (key: string, name: string): boolean => turns.enter(key, () => begun.push(name)),
    /** Lets time pass in which no turn comes. */
    busy: (milliseconds: number): void => void (now += milliseconds),
    /** Lets time pass, turn by turn. */
    pass: (count: number): void => {
      for (let turn = 0; turn < count; turn += 1) {
        now += TURN;
        run?.();
      }
    },
  };
}

const names = (count: number) => Array.from({ length: count }, (_, at) => String(at));

describe('work in turns', () => {
  it('begins at once while little of it comes', () => {
    const { begun, come, isRunning, pass } = turnsWith({
      rate: { perSecond: 100, burst: 10 },
      perTurn: 2,
    });
    for (const name of names(5)) {
      assert.equal(come('a', name), false);
      pass(2);
    }
    assert.deepEqual(begun, names(5));
    assert.equal(isRunning(), false, 'no timer is left when nothing comes');
  });

  it('begins a few in each turn if many come at once, in order of arrival', () => {
    const { begun, come, pass } = turnsWith({ rate: { perSecond: 100, burst: 50 }, perTurn: 2 });
    for (const name of names(20)) come('a', name);
    assert.deepEqual(begun, names(2));
    pass(1);
    assert.deepEqual(begun, names(4));
    pass(8);
    assert.deepEqual(begun, names(20));
  });

  it('begins as fast as its rate allows when the burst is used up', () => {
    const { begun, come, pass } = turnsWith({ rate: { perSecond: 100, burst: 4 }, perTurn: 4 });
    for (const name of names(20)) come('a', name);
    assert.equal(begun.length, 4);
    pass(10);
    assert.equal(begun.length, 4 + 5);
    pass(22);
    assert.deepEqual(begun, names(20));
  });

  it('begins no more than in any turn after the process was busy', () => {
    const { begun, busy, come, pass } = turnsWith({
      rate: { perSecond: 100, burst: 50 },
      perTurn: 3,
    });
    for (const name of names(20)) come('a', name);
    busy(10_000);
    pass(1);
    assert.equal(begun.length, 3 + 3);
  });

  it('does not delay one key because of what waits for another', () => {
    const { begun, come, pass } = turnsWith({ rate: { perSecond: 1, burst: 1 }, perTurn: 1 });
    for (const name of names(50)) come('a', name);
    assert.equal(come('b', 'other'), false);
    pass(1);
    assert.deepEqual(begun, ['0', 'other']);
  });

  it('does not begin once it was removed, and says how much waits', () => {
    const { begun, pass, turns } = turnsWith({ rate: { perSecond: 200, burst: 1 }, perTurn: 1 });
    const work = names(4).map((name) => (): void => void begun.push(name));
    for (const begin of work) turns.enter('a', begin);
    assert.equal(turns.waiting('a'), 3);
    turns.leave('a', work[2]!);
    assert.equal(turns.waiting('a'), 2);
    pass(5);
    assert.deepEqual(begun, ['0', '1', '3']);
  });

  it('counts what a key is charged for, up to that of a second', () => {
    const rate = { perSecond: 100, burst: 50 };
    const { begun, come, pass, turns } = turnsWith({ rate, perTurn: 50 });
    turns.charge('a', 45);
    for (const name of names(10)) come('a', name);
    assert.deepEqual(begun, names(5));
    turns.charge('a', 1_000_000);
    assert.equal(come('b', 'other'), false);
    pass(200);
    assert.deepEqual(begun, [...names(5), 'other']);
    pass(4);
    assert.deepEqual(begun, [...names(5), 'other', '5', '6']);
  });

  it('begins nothing more when it is closed', () => {
    const { begun, come, isRunning, pass, turns } = turnsWith({
      rate: { perSecond: 200, burst: 1 },
      perTurn: 1,
    });
    for (const name of names(4)) come('a', name);
    turns.close();
    assert.equal(isRunning(), false);
    pass(10);
    assert.deepEqual(begun, ['0']);
  });
});
