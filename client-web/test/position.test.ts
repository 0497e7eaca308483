import assert from 'node:assert/strict';

import { buildRows } from '../src/features/timeline/build-rows.ts';
import { countFresh, seqsBetween } from '../src/features/timeline/position.ts';
import { message, snapshot } from './support/builders.ts';

describe('reader position', () => {
  it('is the first and last seq among the rows on the screen', () => {
    const rows = buildRows([message(4), message(5), message(6)], {
      fromStart: true,
      unread: null,
      events: true,
    });
    assert.deepEqual(seqsBetween(rows, 0, rows.length - 1), { first: 4, last: 6 });
    assert.deepEqual(seqsBetween(rows, 0, 1), { first: 0, last: 0 }, 'separators have none');
  });

  it('counts messages of others that were not on the screen', () => {
    const items = [
      message(1),
      message(2, { own: true }),
      message(3),
      message(4, { deleted: true }),
    ];
    assert.equal(countFresh(snapshot({ items }), 1), 1);
    assert.equal(countFresh(snapshot({ items }), 4), 0);
  });

  it('also counts messages that are not in memory', () => {
    const items = [message(1), message(2)];
    assert.equal(countFresh(snapshot({ items, hasNewer: true, newestSeq: 12 }), 1), 11);
    assert.equal(countFresh(snapshot({ items, hasNewer: true, newestSeq: 12 }), 10), 2);
  });

  it('does not count own messages that are still being sent', () => {
    const items = [message(1), message(2, { own: true, seq: null })];
    assert.equal(countFresh(snapshot({ items, lastSeq: 1, newestSeq: 1 }), 1), 0);
  });
});
