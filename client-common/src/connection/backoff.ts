const FIRST = 250;
const LONGEST = 25_000;

/**
 * Milliseconds before attempt `attempt` (1 = the first retry): 0.25 s doubling up to 25 s, of which a
 * random half is taken off, so that many clients of a restarted server do not come at once.
 */
export function backoff(attempt: number, random: () => number): number {
  const longest = Math.min(LONGEST, FIRST * 2 ** Math.min(attempt - 1, 16));
  return longest * (0.5 + random() / 2);
}
