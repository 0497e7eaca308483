import { DAY } from '@parley/common';

/** The number of a day in UTC, counted from the epoch. */
export function dayOf(time: number): number {
  return Math.floor(time / DAY);
}

/** A day as `2026-01-31`. */
export function textOfDay(day: number): string {
  return new Date(day * DAY).toISOString().slice(0, 10);
}

/** The day of a text such as `2026-01-31`. */
export function dayOfText(text: string): number {
  return dayOf(Date.parse(text));
}
