import { DAY, HOUR } from '@parley/common';

import { texts } from '../texts/index.ts';

/** Locale and time zone for formatting; default to those of the device. */
export interface TimeStyle {
  readonly locale?: string;
  readonly timeZone?: string;
}

type Formats = Readonly<
  Record<'clock' | 'weekday' | 'date' | 'day' | 'dayYear' | 'full', Intl.DateTimeFormat>
>;

// eslint-disable-next-line no-restricted-syntax -- Formatters are slow to create and the same for the whole page.
const cache = new Map<string, Formats>();

function formats({ locale, timeZone }: TimeStyle): Formats {
  const key = `${locale ?? ''}|${timeZone ?? ''}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const make = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, timeZone === undefined ? options : { ...options, timeZone });
  const made: Formats = {
    clock: make({ timeStyle: 'short' }),
    weekday: make({ weekday: 'short' }),
    date: make({ day: 'numeric', month: 'short' }),
    day: make({ weekday: 'long', day: 'numeric', month: 'long' }),
    dayYear: make({ day: 'numeric', month: 'long', year: 'numeric' }),
    full: make({ dateStyle: 'full', timeStyle: 'medium' }),
  };
  cache.set(key, made);
  return made;
}

// eslint-disable-next-line no-restricted-syntax -- Formatters are slow to create and the same for the whole page.
const dayNumbers = new Map<string, Intl.DateTimeFormat>();

/** A day in the device's time zone, from its first millisecond (inclusive) to its end (exclusive). */
interface Day {
  readonly begin: number;
  readonly end: number;
  readonly number: number;
}

// eslint-disable-next-line no-restricted-syntax -- Formatters are slow to create and the same for the whole page.
let latest: Day = { begin: 0, end: 0, number: 0 };

/** A day number: the same for all times of one calendar day and one higher for the next day. */
export function dayOf(at: number, style: TimeStyle = {}): number {
  if (style.timeZone !== undefined) return dayInZone(at, style.timeZone);
  // Neighbouring messages are usually from the same day, so the last day is cached.
  if (at < latest.begin || at >= latest.end) latest = dayAround(at);
  return latest.number;
}

function dayAround(at: number): Day {
  const date = new Date(at);
  const [year, month, day] = [date.getFullYear(), date.getMonth(), date.getDate()];
  return {
    begin: new Date(year, month, day).getTime(),
    end: new Date(year, month, day + 1).getTime(),
    number: Date.UTC(year, month, day) / DAY,
  };
}

function dayInZone(at: number, timeZone: string): number {
  const format =
    dayNumbers.get(timeZone) ?? new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' });
  dayNumbers.set(timeZone, format);
  return Date.parse(format.format(at)) / DAY;
}

/** The time of day, for example "10:42". */
export function clockText(at: number, style: TimeStyle = {}): string {
  return formats(style).clock.format(at);
}

/** The full date and time, for a tooltip. */
export function fullText(at: number, style: TimeStyle = {}): string {
  return formats(style).full.format(at);
}

/** A date, for example "3 May", with the year if it is not the current one. */
export function dateText(at: number, now: number, style: TimeStyle = {}): string {
  const away = Math.abs(dayOf(now, style) - dayOf(at, style));
  return away < 300 ? formats(style).date.format(at) : formats(style).dayYear.format(at);
}

/** The time in a list: the time of day for today, then "Yesterday", a weekday within a week, or a date. */
export function listTimeText(at: number, now: number, style: TimeStyle = {}): string {
  const ago = dayOf(now, style) - dayOf(at, style);
  if (ago <= 0) return clockText(at, style);
  if (ago === 1) return texts.timeline.yesterday;
  if (ago < 7) return formats(style).weekday.format(at);
  return dateText(at, now, style);
}

/** A day heading: "Today", "Yesterday", a weekday with a date, or a date with a year. */
export function dayText(at: number, now: number, style: TimeStyle = {}): string {
  const ago = dayOf(now, style) - dayOf(at, style);
  if (ago <= 0) return texts.timeline.today;
  if (ago === 1) return texts.timeline.yesterday;
  return ago < 300 ? formats(style).day.format(at) : formats(style).dayYear.format(at);
}

/** A time inside a sentence: "at 10:42", "yesterday at 10:42", "on 3 May". */
export function agoText(at: number, now: number, style: TimeStyle = {}): string {
  const ago = dayOf(now, style) - dayOf(at, style);
  if (ago <= 0) return texts.times.today(clockText(at, style));
  if (ago === 1) return texts.times.yesterday(clockText(at, style));
  return texts.times.onDay(dateText(at, now, style));
}

/** An end in the near future is shown without a day, even after midnight. */
const SOON = 6 * HOUR;

/** The end of a state inside a sentence: "until 14:30", "until midnight", "until 3 May". */
export function untilText(end: number, now: number, style: TimeStyle = {}): string {
  // Midnight is shown as the end of a day, not as the beginning of the next.
  const days = dayOf(end - 1, style) - dayOf(now, style);
  const clock = clockText(end, style);
  const isMidnight = dayOf(end, style) !== dayOf(end - 1, style);
  if (days <= 0 && isMidnight) return texts.times.untilMidnight;
  if (days <= 0 || end - now < SOON) return texts.times.untilClock(clock);
  if (days === 1) return texts.times.untilTomorrow(clock);
  return texts.times.untilDay(dateText(end, now, style));
}
