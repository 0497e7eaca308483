const FIRST = 250;
const LONGEST = 25_000;

/**
 * Milliseconds to wait before retry `attempt` (1 = the first): 0.25 s, doubling up to 25 s, minus a
 * random share of at most half, so that the clients of a restarted server do not all return at once.
 */
export function backoff(attempt: number, random: () => number): number {
  const longest = Math.min(LONGEST, FIRST * 2 ** Math.min(attempt - 1, 16));
  return longest * (0.5 + random() / 2);
}
