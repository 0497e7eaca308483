import { HOUR } from '@parley/common';
import type { Status } from '@parley/common/contract';

import { texts } from '../../texts/index.ts';
import { clockText, dateText, dayOf, type TimeStyle } from '../../ui/time-text.ts';

/** A status with its end: "Busy until 14:30", "Offline until 3 May", "Available". */
export function statusText(
  { status, statusExpiration }: Pick<Status, 'status' | 'statusExpiration'>,
  now: number,
  style: TimeStyle = {},
): string {
  const name = texts.partner.statuses[status];
  if (statusExpiration === null) return name;
  return texts.partner.until(name, untilText(statusExpiration, now, style));
}

/** An end in the near future is shown without a day, even after midnight. */
const SOON = 6 * HOUR;

function untilText(end: number, now: number, style: TimeStyle): string {
  // Midnight is shown as the end of a day, not as the beginning of the next.
  const days = dayOf(end - 1, style) - dayOf(now, style);
  const clock = clockText(end, style);
  const isMidnight = dayOf(end, style) !== dayOf(end - 1, style);
  if (days <= 0 && isMidnight) return texts.partner.untilMidnight;
  if (days <= 0 || end - now < SOON) return texts.partner.untilClock(clock);
  if (days === 1) return texts.partner.untilTomorrow(clock);
  return texts.partner.untilDay(dateText(end, now, style));
}
