import assert from 'node:assert/strict';
import { DAY, HOUR } from '@parley/common';

import { agoText, clockText, dayOf, dayText, listTimeText } from '../src/ui/time-text.ts';
import { NOON } from './support/builders.ts';

const style = { locale: 'en-GB', timeZone: 'UTC' } as const;

describe('time texts', () => {
  it('show the time of day for today, then "Yesterday", a weekday, a date, and a date with its year', () => {
    assert.equal(listTimeText(NOON - HOUR, NOON, style), '09:00');
    assert.equal(listTimeText(NOON - DAY, NOON, style), 'Yesterday');
    assert.equal(listTimeText(NOON - 3 * DAY, NOON, style), 'Tue');
    assert.equal(listTimeText(NOON - 30 * DAY, NOON, style), '1 Apr');
    assert.equal(listTimeText(NOON - 400 * DAY, NOON, style), '27 March 2025');
  });

  it('use the locale of the device', () => {
    const late = Date.UTC(2026, 4, 1, 0, 7);
    assert.equal(clockText(late, style), '00:07');
    assert.match(clockText(late, { ...style, locale: 'en-US' }), /^12:07\sAM$/u);
  });

  it('format day headings', () => {
    assert.equal(dayText(NOON, NOON, style), 'Today');
    assert.equal(dayText(NOON - DAY, NOON, style), 'Yesterday');
    assert.match(dayText(NOON - 2 * DAY, NOON, style), /^Wednesday,? 29 April$/u);
    assert.equal(dayText(NOON - 400 * DAY, NOON, style), '27 March 2025');
  });

  it('format times inside sentences', () => {
    assert.equal(agoText(NOON, NOON, style), 'at 10:00');
    assert.equal(agoText(NOON - DAY, NOON, style), 'yesterday at 10:00');
    assert.equal(agoText(NOON - 9 * DAY, NOON, style), 'on 22 Apr');
  });

  it('treat times of a clock that is ahead as today', () => {
    assert.equal(dayText(NOON + 3 * DAY, NOON, style), 'Today');
  });

  it("use the day of the reader's time zone", () => {
    const late = Date.UTC(2026, 4, 1, 23, 30);
    assert.equal(dayOf(late, style), Date.UTC(2026, 4, 1) / DAY);
    const tokyo = { locale: 'en-GB', timeZone: 'Asia/Tokyo' };
    assert.equal(dayOf(late, tokyo), Date.UTC(2026, 4, 2) / DAY);
  });
});
