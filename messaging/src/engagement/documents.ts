import { DAY } from '@parley/common';

import type { DayCounts } from './day-counts.ts';

/** When a user was active. */
export interface PersonDocument {
  /** User id. */
  _id: string;
  /** The day on which the user registered. */
  joined: number;
  /** The days on which the user was active, of the last {@link KEPT_DAYS} before the latest. */
  days: number[];
  removeAt: Date;
}

/** A conversation in which a message was sent on a day. */
export interface ConversationMark {
  /** `<day>:<conversation id>`. */
  _id: string;
  day: number;
  removeAt: Date;
}

/** What one process has counted on a day. */
export interface CountsDocument extends DayCounts {
  /** `<day>:<id of the process>`. */
  _id: string;
  day: number;
  removeAt: Date;
}

/** How people used the server on one day. */
export interface DayDocument extends DayCounts {
  /** Days since the epoch (UTC). */
  _id: number;
  /** Whether the day is over: nothing but `returned` changes any more. */
  complete: boolean;
  readonly active: { readonly day: number; readonly week: number; readonly month: number };
  readonly newPeople: number;
  readonly conversations: number;
  /** How many of the new people were active later; a field is absent until it is known. */
  readonly returned: { readonly day1?: number; readonly day7?: number };
}

/** Days for which it is known who was active: the 30 days of a month, and 32 during which no node may have run. */
export const KEPT_DAYS = 62;

/** When what was recorded on a day is removed. */
export function removalOf(day: number): Date {
  return new Date((day + KEPT_DAYS) * DAY);
}
