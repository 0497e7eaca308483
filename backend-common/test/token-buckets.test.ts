import assert from 'node:assert/strict';
import { TokenBuckets } from '@parley/backend-common';

const LIMIT = { perSecond: 2, burst: 3 };

function bucketsAt(start: number) {
  const clock = { now: start };
  return { clock, buckets: new TokenBuckets(() => clock.now) };
}

describe('token buckets', () => {
  it('allow a burst, then refuse and say exactly how long to wait', () => {
    const { buckets, clock } = bucketsAt(10_000);
    for (let token = 0; token < LIMIT.burst; token += 1) buckets.take('a', LIMIT);
    assert.throws(() => buckets.take('a', LIMIT), { code: 'rate_limited', retryAfterMs: 500 });
    clock.now += 499;
    assert.throws(() => buckets.take('a', LIMIT), { code: 'rate_limited', retryAfterMs: 1 });
    clock.now += 1;
    buckets.take('a', LIMIT);
    assert.throws(() => buckets.take('a', LIMIT), { code: 'rate_limited' });
  });

  it('take nothing for a refused call', () => {
    const { buckets, clock } = bucketsAt(0);
    for (let token = 0; token < LIMIT.burst; token += 1) buckets.take('a', LIMIT);
    for (let call = 0; call < 100; call += 1) assert.throws(() => buckets.take('a', LIMIT));
    clock.now += 500;
    buckets.take('a', LIMIT);
  });

  it('hold no more than a burst, however long they are unused', () => {
    const { buckets, clock } = bucketsAt(0);
    buckets.take('a', LIMIT);
    clock.now += 1_000_000;
    for (let token = 0; token < LIMIT.burst; token += 1) buckets.take('a', LIMIT);
    assert.throws(() => buckets.take('a', LIMIT), { code: 'rate_limited' });
  });

  it('count each key separately', () => {
    const { buckets } = bucketsAt(0);
    for (let token = 0; token < LIMIT.burst; token += 1) buckets.take('a', LIMIT);
    buckets.take('b', LIMIT);
  });

  it('allow the whole burst if the interval is not a whole number', () => {
    const { buckets } = bucketsAt(123_456.789);
    const limit = { perSecond: 3, burst: 100 };
    for (let token = 0; token < limit.burst; token += 1) buckets.take('a', limit);
    assert.throws(() => buckets.take('a', limit), { code: 'rate_limited' });
  });

  it('drop full buckets, so that memory does not grow with every key ever used', () => {
    const { buckets, clock } = bucketsAt(0);
    for (let key = 0; key < 1_000; key += 1) buckets.take(`old-${key}`, LIMIT);
    clock.now += 10_000;
    for (let key = 0; key < 600; key += 1) buckets.take(`new-${key}`, LIMIT);
    assert.equal(buckets.size, 600);
  });

  it('hold at most 100,000 keys', () => {
    const { buckets } = bucketsAt(0);
    for (let key = 0; key < 100_100; key += 1) buckets.take(`${key}`, LIMIT);
    assert.equal(buckets.size, 100_000);
  });
});
