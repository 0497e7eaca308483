import type { Settings } from '@parley/common/contract';

/** Mute end for "until unmuted": the year 9999, in milliseconds since the epoch. */
export const FOREVER = 253_370_764_800_000;

/** Whether a conversation is muted at `now`. */
export function isMuted({ mutedUntil }: Settings, now: number): boolean {
  return mutedUntil !== null && mutedUntil > now;
}
