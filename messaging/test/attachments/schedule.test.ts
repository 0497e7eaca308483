import assert from 'node:assert/strict';
import { DAY, HOUR, MINUTE } from '@parley/common';

import { leftoversEndAt, nextDueAt, stateEndsAt } from '../../src/attachments/schedule.ts';

const now = 1_000 * DAY;
const uploaded = { createdAt: now, urlsEndAt: now + HOUR, thumbnail: 'none' } as const;
const single = { ...uploaded, incomingKey: 'incoming' };

describe('when something is to be done about an attachment', () => {
  it('is a day after it was begun, while it is not finished', () => {
    for (const state of ['creating', 'uploading', 'verifying'] as const) {
      assert.equal(nextDueAt({ ...single, state }, now), now + DAY);
    }
  });

  it('is when nothing can arrive at its upload URL any more, once it is checked', () => {
    const ready = { ...single, state: 'ready', readyAt: now + MINUTE } as const;
    assert.equal(leftoversEndAt(ready), now + HOUR + 15 * MINUTE);
    assert.equal(nextDueAt(ready, now), now + HOUR + 15 * MINUTE);
    assert.equal(nextDueAt({ ...uploaded, state: 'ready', readyAt: now }, now), now + DAY);
  });

  it('is a day after it was held for a message, and never once it is sent', () => {
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

  it('is soon while its picture is missing, for a day', () => {
    const due = { ...uploaded, thumbnail: 'due', state: 'sent', readyAt: now } as const;
    assert.equal(nextDueAt(due, now), now + 2 * MINUTE);
    assert.equal(nextDueAt(due, now + DAY), undefined);
  });

  it('is for the last time when nothing can arrive any more, once it is over', () => {
    const doomed = { ...single, state: 'doomed' } as const;
    assert.equal(stateEndsAt({ ...doomed, doomedAt: now }), now + HOUR + 15 * MINUTE);
    assert.equal(stateEndsAt({ ...doomed, doomedAt: now + DAY }), now + DAY + 15 * MINUTE);
  });
});
