import assert from 'node:assert/strict';

import { median, percentile, Samples, spread } from '../src/statistics.ts';

describe('statistics', () => {
  it('takes percentiles by nearest rank', () => {
    const ascending = [10, 20, 30, 40];
    assert.equal(percentile(ascending, 0.5), 20);
    assert.equal(percentile(ascending, 0.51), 30);
    assert.equal(percentile(ascending, 0.99), 40);
    assert.equal(percentile(ascending, 0), 10);
    assert.equal(percentile(ascending, 1), 40);
  });

  it('takes the middle of an odd and the mean of the two middles of an even number of values', () => {
    assert.equal(median([9, 1, 5]), 5);
    assert.equal(median([10, 1, 9, 2]), 5.5);
  });

  it('knows nothing of nothing', () => {
    assert.ok(Number.isNaN(percentile([], 0.5)));
    assert.ok(Number.isNaN(median([])));
    assert.throws(() => spread([]), RangeError);
  });

  it('gives the extremes beside the median', () => {
    assert.deepEqual(spread([3, 1, 2]), { median: 2, min: 1, max: 3 });
  });

  it('keeps more samples than it first has room for, in any order', () => {
    const samples = new Samples();
    for (let value = 10_000; value >= 1; value -= 1) samples.add(value);
    assert.equal(samples.count, 10_000);
    assert.deepEqual(samples.percentiles([0.5, 0.95, 0.999, 1]), [5_000, 9_500, 9_990, 10_000]);
  });
});
