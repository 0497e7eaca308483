import assert from 'node:assert/strict';
import { DAY, HOUR, MINUTE } from '@parley/common';

import { leftoversEndAt, nextDueAt, stateEndsAt } from '../../src/attachments/schedule.ts';

const now = 1_000 * DAY;
const uploaded = { createdAt: now, urlsEndAt: now + HOUR, thumbnail: 'none' } as const;
const single = { ...uploaded, incomingKey: 'incoming' };

describe('the schedule of an attachment', () => {
  it('expires an unfinished upload after a day', () => {
    for (const state of ['creating', 'uploading', 'verifying'] as const) {
      assert.equal(nextDueAt({ ...single, state }, now), now + DAY);
    }
  });

  it('removes leftovers of a checked upload when no upload can finish any more', () => {
    const ready = { ...single, state: 'ready', readyAt: now + MINUTE } as const;
    assert.equal(leftoversEndAt(ready), now + HOUR + 15 * MINUTE);
    assert.equal(nextDueAt(ready, now), now + HOUR + 15 * MINUTE);
    assert.equal(nextDueAt({ ...uploaded, state: 'ready', readyAt: now }, now), now + DAY);
  });

  it('expires a reservation after a day, and a sent attachment never', () => {
    const reserved = {
      ...uploaded,
      state: 'reserved',
      readyAt: now,
      reservedAt: now + HOUR,
    } as const;
    assert.equal(stateEndsAt(reserved), now + HOUR + DAY);
    assert.equal(nextDueAt({ ...reserved, state: 'sent' }, now), undefined);
    assert.equal(nextDueAt({ ...single, state: 'sent' }, now), now + HOUR + 15 * MINUTE);
  });

  it('tries a missing thumbnail again for a day', () => {
    const due = { ...uploaded, thumbnail: 'due', state: 'sent', readyAt: now } as const;
    assert.equal(nextDueAt(due, now), now + 2 * MINUTE);
    assert.equal(nextDueAt(due, now + DAY), undefined);
  });

  it('purges a deleted attachment finally when no upload can finish any more', () => {
    const doomed = { ...single, state: 'doomed' } as const;
    assert.equal(stateEndsAt({ ...doomed, doomedAt: now }), now + HOUR + 15 * MINUTE);
    assert.equal(stateEndsAt({ ...doomed, doomedAt: now + DAY }), now + DAY + 15 * MINUTE);
  });
});
