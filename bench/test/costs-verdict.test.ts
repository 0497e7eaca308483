import assert from 'node:assert/strict';

import { barOfMany, isMet, line, OPERATION_BAR, resolutionOf } from '../src/costs/verdict.ts';

describe('the cost of a reconnect with many conversations', () => {
  const bar = barOfMany({ node: 0.6, store: 0 }, resolutionOf(200));

  it('may be three times that of one with few', () => {
    assert.ok(isMet({ node: 1.79, store: 0 }, bar));
    assert.ok(!isMet({ node: 1.81, store: 0 }, bar));
  });

  it('is not compared with less than the measurement can tell from nothing', () => {
    assert.equal(resolutionOf(200), 0.1);
    assert.ok(isMet({ node: 1, store: 0.13 }, bar));
    assert.ok(!isMet({ node: 1, store: 0.31 }, bar));
  });

  it('is not above the bar where it cannot be measured', () => {
    assert.ok(isMet({ node: 1, store: Number.NaN }, bar));
    const unmeasured = barOfMany({ node: 1, store: Number.NaN }, resolutionOf(200));
    assert.ok(isMet({ node: 1, store: Number.NaN }, unmeasured));
  });

  it('is shown with its bar', () => {
    const cost = { node: 1, store: 0.13 };
    assert.match(
      line('reconnect', cost, bar),
      /^reconnect .*1\.00 ms \(at most 1\.80\).*\(at most 0\.30\) +met$/,
    );
    assert.doesNotMatch(line('reconnect', cost), /at most|met|missed/);
    assert.match(line('watch', { node: 5.01, store: 0 }, OPERATION_BAR), / missed$/);
  });
});
