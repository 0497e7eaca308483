import { DAY, HOUR, LIMITS, MINUTE } from '@parley/common';

/** The durations offered for a status. */
export const DURATIONS = ['open', 'half', 'hour', 'tonight'] as const;
export type Duration = (typeof DURATIONS)[number];

/** When a status set at `now` ends; `null`: it has no end. `tonight` ends at the device's local midnight. */
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

/** The error text for a custom end time, if it is invalid. */
export function faultOf(end: number, now: number): 'past' | 'far' | null {
  if (!Number.isFinite(end) || end < now + LIMITS.statusEndsMin) return 'past';
  return end > now + LIMITS.statusEndsMax ? 'far' : null;
}

/** Formats a time for a `datetime-local` input, in the device's time zone. */
export function toFieldValue(at: number): string {
  const date = new Date(at);
  const two = (part: number) => String(part).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** The default custom end time: 24 hours from now, rounded up to a full hour. */
export function suggestedEnd(now: number): number {
  return Math.ceil((now + DAY) / HOUR) * HOUR;
}
