import assert from 'node:assert/strict';

import { latencyOf } from '../src/abuse/latency.ts';

const [FROM, TO] = [10_000, 20_000];

/** A hundred messages a second that take 10 ms, and 100 ms in the given spans (milliseconds after the beginning). */
function latencyWith(slow: readonly (readonly [from: number, to: number])[]) {
  const samples = Array.from({ length: 1_200 }, (_, index) => {
    const sentAt = FROM - 1_000 + 10 * index;
    const isSlow = slow.some(([from, to]) => sentAt >= FROM + from && sentAt < FROM + to);
    return { sentAt, took: isSlow ? 100 : 10 };
  });
  return latencyOf(samples, { from: FROM, to: TO, bound: 20 });
}

describe('the latency of honest users', () => {
  for (const [what, slow, expected] of [
    ['nothing is slow', [], 0],
    ['one message in a second is slow', [[5_000, 5_010]], 0],
    ['a moment is slow that belongs to two whole seconds', [[4_900, 5_100]], 0.2],
    ['the beginning is slow', [[0, 300]], 0.3],
    ['more than a second is slow', [[3_000, 4_500]], 1.5],
    ['the first seconds are slow', [[0, 2_000]], 2],
    [
      'there is a pause of less than a second',
      [
        [2_000, 3_000],
        [3_500, 4_500],
      ],
      2.5,
    ],
    [
      'there is a pause of seconds',
      [
        [2_000, 2_500],
        [6_000, 6_700],
      ],
      0.7,
    ],
    ['everything is slow', [[-1_000, 10_000]], 9],
  ] as const) {
    it(`is above a bound for ${expected} s if ${what}`, () => {
      const { secondsAbove } = latencyWith(slow);
      assert.ok(Math.abs(secondsAbove - expected) < 0.15, `${secondsAbove} s`);
    });
  }

  it('has a p99 for each whole second, and for all of them, and the slowest', () => {
    const { p99, seconds, worst } = latencyWith([[4_900, 5_100]]);
    assert.deepEqual(seconds, [10, 10, 10, 10, 100, 100, 10, 10, 10, 10]);
    assert.equal(p99, 100);
    assert.equal(worst, 100);
    assert.equal(latencyWith([]).worst, 10);
  });
});
