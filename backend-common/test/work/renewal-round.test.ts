import assert from 'node:assert/strict';

import { RenewalRound } from '../../src/work/renewal-round.ts';

describe('a round of renewals', () => {
  const keys = (count: number) => Array.from({ length: count }, (_, index) => `key-${index}`);

  for (const count of [0, 1, 59, 60, 61, 8_000]) {
    it(`takes each of ${count} keys once in 60 calls, in equal shares`, () => {
      const round = new RenewalRound(() => keys(count));
      const shares = Array.from({ length: 60 }, () => round.next());
      const first = shares.flat().slice(0, count);
      assert.equal(new Set(first).size, count);
      assert.ok(shares.every((share) => share.length <= Math.ceil(count / 60)));
    });
  }

  it('takes keys that have come meanwhile in the next round', () => {
    let all = keys(60);
    const round = new RenewalRound(() => all);
    round.next();
    all = ['new'];
    for (let call = 0; call < 59; call += 1) assert.notDeepEqual(round.next(), ['new']);
    assert.deepEqual(round.next(), ['new']);
  });
});
