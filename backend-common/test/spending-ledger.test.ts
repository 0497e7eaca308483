import assert from 'node:assert/strict';

import { SpendingLedger } from '../src/limits/spending-ledger.ts';

/** Worth an exchange from 4 tokens, which take 2 s to refill; full after 20 s. */
const LIMIT = { perSecond: 2, burst: 40 };

interface Taken {
  readonly tokens: number;
  readonly at: number;
  readonly key?: string;
}

function take(ledger: SpendingLedger, { at, key = 'ann', tokens }: Taken): void {
  for (let token = 0; token < tokens; token += 1) ledger.add(key, LIMIT, at);
}

describe('the ledger of tokens that were taken', () => {
  it('lists a key once a tenth of its burst was taken, with the time of the first token', () => {
    const ledger = new SpendingLedger();
    take(ledger, { tokens: 3, at: 100 });
    assert.deepEqual(ledger.due(10), []);
    take(ledger, { tokens: 1, at: 900 });
    assert.deepEqual(ledger.due(10), [{ key: 'ann', refill: 2_000, since: 100 }]);
  });

  it('keeps what is not settled, and what was taken while it was exchanged', () => {
    const ledger = new SpendingLedger();
    take(ledger, { tokens: 4, at: 100 });
    const exchanged = ledger.due(10);
    assert.deepEqual(ledger.due(10), exchanged);
    take(ledger, { tokens: 5, at: 200 });
    ledger.settle(exchanged, 150);
    assert.deepEqual(ledger.due(10), [{ key: 'ann', refill: 2_500, since: 150 }]);
    ledger.settle(ledger.due(10), 300);
    assert.deepEqual([ledger.due(10), ledger.size], [[], 0]);
  });

  it('lists the oldest first, and the others later', () => {
    const ledger = new SpendingLedger();
    for (const key of ['a', 'b', 'c']) take(ledger, { tokens: 4, at: 0, key });
    const first = ledger.due(2);
    assert.deepEqual(
      first.map(({ key }) => key),
      ['a', 'b'],
    );
    ledger.settle(first, 1);
    assert.deepEqual(
      ledger.due(2).map(({ key }) => key),
      ['c'],
    );
  });

  it('forgets a trickle after the time in which the bucket fills', () => {
    const ledger = new SpendingLedger();
    take(ledger, { tokens: 3, at: 0, key: 'old' });
    take(ledger, { tokens: 1, at: 20_000, key: 'new' });
    assert.equal(ledger.size, 2);
    take(ledger, { tokens: 1, at: 20_001, key: 'newer' });
    assert.equal(ledger.size, 2);
  });

  it('does not forget what is due, however old it is', () => {
    const ledger = new SpendingLedger();
    take(ledger, { tokens: 4, at: 0, key: 'due' });
    for (let key = 0; key < 5; key += 1) take(ledger, { tokens: 1, at: 1_000_000, key: `${key}` });
    assert.equal(ledger.due(10).length, 1);
  });

  it('holds at most 100,000 keys', () => {
    const ledger = new SpendingLedger();
    for (let key = 0; key < 100_100; key += 1) take(ledger, { tokens: 4, at: 0, key: `${key}` });
    assert.ok(ledger.size <= 100_001);
    assert.ok(ledger.due(1_000).length <= 1_000);
  });
});
