import type { Status } from '@parley/common/contract';

import { texts } from '../../texts/index.ts';
import { type TimeStyle, untilText } from '../../ui/time-text.ts';

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
