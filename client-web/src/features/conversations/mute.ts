import { DAY, HOUR } from '@parley/common';
import type { Settings } from '@parley/common/contract';

import { texts } from '../../texts/index.ts';
import { type TimeStyle, untilText } from '../../ui/time-text.ts';

/** Mute end for "for ever": the year 9999, in milliseconds since the epoch. */
const FOREVER = 253_370_764_800_000;
/** A mute that lasts longer than this, in milliseconds, is shown without an end. */
const FAR = 3_650 * DAY;

/** The durations offered for a mute. */
export const MUTE_DURATIONS = ['hour', 'eightHours', 'week', 'forever'] as const;
export type MuteDuration = (typeof MUTE_DURATIONS)[number];

const LENGTHS: Readonly<Record<Exclude<MuteDuration, 'forever'>, number>> = {
  hour: HOUR,
  eightHours: 8 * HOUR,
  week: 7 * DAY,
};

/** When a mute that begins at `now` ends, in milliseconds since the epoch. `now`: the server's clock. */
export function muteEnd(duration: MuteDuration, now: number): number {
  return duration === 'forever' ? FOREVER : now + LENGTHS[duration];
}

/** Whether a conversation is muted at `now`, by the server's clock. */
export function isMuted({ mutedUntil }: Settings, now: number): boolean {
  return mutedUntil !== null && mutedUntil > now;
}

/** A mute in words: "Muted until 14:30", or "Muted" if it has no end to speak of. */
export function muteText({ mutedUntil }: Settings, now: number, style: TimeStyle = {}): string {
  if (mutedUntil === null || mutedUntil - now > FAR) return texts.list.muted;
  return texts.list.mutedUntil(untilText(mutedUntil, now, style));
}
