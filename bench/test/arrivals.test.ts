import assert from 'node:assert/strict';

import { Arrivals } from '../src/generator/arrivals.ts';

function after(...numbers: number[]): Arrivals {
  const arrivals = new Arrivals();
  for (const number of numbers) arrivals.take(number);
  return arrivals;
}

describe('arrivals', () => {
  it('reports no fault for 1, 2, 3', () => {
    assert.deepEqual(view(after(1, 2, 3), 3), { doubled: 0, reordered: 0, missing: 0 });
  });

  it('counts numbers that are missing at the end and in the middle', () => {
    assert.equal(after(1, 2).missing(5), 3);
    assert.equal(after(1, 3, 5).missing(5), 2);
    assert.equal(after().missing(2), 2);
  });

  it('counts repeated numbers, whether they repeat early or late', () => {
    assert.deepEqual(view(after(1, 1), 1), { doubled: 1, reordered: 0, missing: 0 });
    assert.deepEqual(view(after(3, 3, 1, 2), 3), { doubled: 1, reordered: 1, missing: 0 });
  });

  it('counts numbers that overtake a smaller one', () => {
    assert.deepEqual(view(after(2, 1, 4, 3, 5), 5), { doubled: 0, reordered: 2, missing: 0 });
  });

  it('distinguishes a first arrival from a repetition', () => {
    const arrivals = after(1, 3);
    assert.equal(arrivals.take(3), false);
    assert.equal(arrivals.take(2), true);
    assert.equal(arrivals.take(3), false);
    assert.equal(arrivals.take(4), true);
  });
});

function view(arrivals: Arrivals, last: number) {
  return {
    doubled: arrivals.doubled,
    reordered: arrivals.reordered,
    missing: arrivals.missing(last),
  };
}
