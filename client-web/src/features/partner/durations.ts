import { DAY, HOUR, LIMITS, MINUTE } from '@parley/common';

/** For how long a status holds, as it is offered. */
export const DURATIONS = ['open', 'half', 'hour', 'tonight'] as const;
export type Duration = (typeof DURATIONS)[number];

/** When a status said at `now` ends; `null`: it stays. Tonight ends at midnight where the device is. */
export function endOf(duration: Duration, now: number): number | null {
  switch (duration) {
    case 'open':
      return null;
    case 'half':
      return now + 30 * MINUTE;
    case 'hour':
      return now + HOUR;
    case 'tonight':
      return nextMidnight(now);
  }
}

function nextMidnight(now: number): number {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1).getTime();
}

/** What is wrong with a time that somebody picked, if anything. */
export function faultOf(end: number, now: number): 'past' | 'far' | null {
  if (!Number.isFinite(end) || end < now + LIMITS.statusEndsMin) return 'past';
  return end > now + LIMITS.statusEndsMax ? 'far' : null;
}

/** A time as a field for date and time takes it, in the device's zone. */
export function toFieldValue(at: number): string {
  const date = new Date(at);
  const two = (part: number) => String(part).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** The first choice where somebody picks a time: tomorrow at this hour, full. */
export function suggestedEnd(now: number): number {
  return Math.ceil((now + DAY) / HOUR) * HOUR;
}
