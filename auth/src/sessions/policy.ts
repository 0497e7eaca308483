import { DAY, LIMITS, MINUTE } from '@parley/common';

/** How long a session that ended stays readable, so that every service learns of it and a client is told why. */
export const KEPT_AFTER_END = DAY;

/** Use of a session is written at most this often. */
export const TOUCH_EVERY = 5 * MINUTE;

/** When a session ends if it is used now and never again. */
export function expiresAt(now: number, endsAt: number): number {
  return Math.min(now + LIMITS.sessionIdle, endsAt);
}
