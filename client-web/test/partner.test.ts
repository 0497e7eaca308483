import assert from 'node:assert/strict';
import { DAY, HOUR, MINUTE } from '@parley/common';
import type { RecipientDelivery } from '@parley/common/contract';

import { stepsOf } from '../src/features/delivery/steps.ts';
import { endOf, faultOf, suggestedEnd, toFieldValue } from '../src/features/partner/durations.ts';
import { leftText, readLinkCode } from '../src/features/partner/link-code.ts';
import { statusText } from '../src/features/partner/status-text.ts';
import { idOf, NOON } from './support/builders.ts';

const STYLE = { locale: 'en-GB', timeZone: 'UTC' };

describe('partner status', () => {
  const busy = (statusExpiration: number | null) =>
    statusText({ status: 'BUSY', statusExpiration }, NOON, STYLE);

  it('is shown with its end time, as precise as its distance requires', () => {
    assert.equal(busy(null), 'Busy');
    assert.equal(busy(NOON + 90 * MINUTE), 'Busy until 11:30');
    assert.equal(busy(NOON + 14 * HOUR), 'Busy until midnight');
    assert.equal(busy(NOON + 25 * HOUR), 'Busy until tomorrow, 11:00');
    const late = { status: 'BUSY', statusExpiration: NOON + 25 * HOUR } as const;
    assert.equal(statusText(late, NOON + 20 * HOUR, STYLE), 'Busy until 11:00');
    assert.equal(busy(NOON + 3 * DAY), 'Busy until 4 May');
  });

  it('ends in half an hour, in an hour, at local midnight, or never', () => {
    assert.equal(endOf('open', NOON), null);
    assert.equal(endOf('half', NOON), NOON + 30 * MINUTE);
    assert.equal(endOf('hour', NOON), NOON + HOUR);
    const midnight = new Date(endOf('tonight', NOON)!);
    assert.deepEqual([midnight.getHours(), midnight.getMinutes()], [0, 0]);
    assert.ok(midnight.getTime() > NOON && midnight.getTime() <= NOON + DAY);
    assert.equal(endOf('tonight', midnight.getTime()), endOf('tonight', midnight.getTime() + 1));
  });

  it('accepts a custom end time in the next 30 days', () => {
    assert.equal(faultOf(NOON, NOON), 'past');
    assert.equal(faultOf(Number.NaN, NOON), 'past');
    assert.equal(faultOf(NOON + 30 * DAY, NOON), null);
    assert.equal(faultOf(NOON + 30 * DAY + 1, NOON), 'far');
    const suggested = suggestedEnd(NOON + MINUTE);
    assert.equal(new Date(toFieldValue(suggested)).getTime(), suggested);
    assert.equal(faultOf(suggested, NOON), null);
  });
});

describe('link code', () => {
  it('is normalized from any common way of typing it', () => {
    for (const text of [
      '7k3m-q9tx',
      ' 7K3M Q9TX ',
      '7k3m–q9tx',
      '７Ｋ３Ｍ－Ｑ９ＴＸ',
      '7k.3m.q9_tx',
    ]) {
      assert.deepEqual(readLinkCode(text), { code: '7K3MQ9TX' }, text);
    }
  });

  it('is rejected without asking the server if it cannot be valid', () => {
    for (const text of ['', '7K3M', '7K3M-Q9TXX']) {
      assert.deepEqual(readLinkCode(text), { fault: 'length' }, text);
    }
    for (const text of ['OK3M-Q9TX', '1K3M-Q9TX', 'UK3M-Q9TX', '7K3M-Q9T!', '7K3M-Q9TÄ']) {
      assert.deepEqual(readLinkCode(text), { fault: 'letters' }, text);
    }
  });

  it('shows its remaining time in minutes and seconds', () => {
    assert.equal(leftText(10 * MINUTE), '10:00');
    assert.equal(leftText(61_001), '1:02');
    assert.equal(leftText(900), '0:01');
    assert.equal(leftText(-5), '0:00');
  });
});

describe('message delivery steps', () => {
  const nothing: RecipientDelivery = {
    userId: idOf(2),
    deliveredAt: null,
    readAt: null,
    push: 'none',
    pushedAt: null,
    reason: null,
  };
  const told = (change: Partial<RecipientDelivery>) =>
    stepsOf({ ...nothing, ...change }, NOON + 2 * HOUR, STYLE).map(({ text }) => text);

  it('are listed latest first', () => {
    assert.deepEqual(told({}), ['Not delivered yet']);
    assert.deepEqual(told({ deliveredAt: NOON }), ['Delivered at 10:00']);
    assert.deepEqual(told({ deliveredAt: NOON, readAt: NOON + HOUR }), [
      'Read at 11:00',
      'Delivered at 10:00',
    ]);
  });

  it('show whether there was a notification, or why not', () => {
    assert.deepEqual(told({ push: 'sent', pushedAt: NOON }), [
      'Not delivered yet',
      'Notification sent at 10:00',
    ]);
    assert.deepEqual(told({ reason: 'no_device' }), [
      'Not delivered yet',
      'No notification: no registered device',
    ]);
    assert.deepEqual(told({ reason: 'muted' }).at(-1), 'No notification: muted');
  });
});
