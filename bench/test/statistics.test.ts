import assert from 'node:assert/strict';

import { median, percentile, Samples, spread } from '../src/statistics.ts';

describe('statistics', () => {
  it('computes percentiles by nearest rank', () => {
    const ascending = [10, 20, 30, 40];
    assert.equal(percentile(ascending, 0.5), 20);
    assert.equal(percentile(ascending, 0.51), 30);
    assert.equal(percentile(ascending, 0.99), 40);
    assert.equal(percentile(ascending, 0), 10);
    assert.equal(percentile(ascending, 1), 40);
  });

  it('computes the median of an odd and of an even number of values', () => {
    assert.equal(median([9, 1, 5]), 5);
    assert.equal(median([10, 1, 9, 2]), 5.5);
  });

  it('returns NaN or throws if there are no values', () => {
    assert.ok(Number.isNaN(percentile([], 0.5)));
    assert.ok(Number.isNaN(median([])));
    assert.throws(() => spread([]), RangeError);
  });

  it('returns the extremes with the median', () => {
    assert.deepEqual(spread([3, 1, 2]), { median: 2, min: 1, max: 3 });
  });

  it('grows beyond its first capacity, and accepts samples in any order', () => {
    const samples = new Samples();
    for (let value = 10_000; value >= 1; value -= 1) samples.add(value);
    assert.equal(samples.count, 10_000);
    assert.deepEqual(samples.percentiles([0.5, 0.95, 0.999, 1]), [5_000, 9_500, 9_990, 10_000]);
  });
});
