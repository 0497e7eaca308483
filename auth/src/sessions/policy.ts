import { DAY, LIMITS, MINUTE } from '@parley/common';

/** Milliseconds for which an ended session stays readable, so that every service sees that it ended and clients get `session_expired`. */
export const KEPT_AFTER_END = DAY;

/** Minimum time between two writes of the use of a session, in milliseconds. */
export const TOUCH_EVERY = 5 * MINUTE;

/** When a session ends that is used now and never again. */
export function expiresAt(now: number, endsAt: number): number {
  return Math.min(now + LIMITS.sessionIdle, endsAt);
}
