/** How long to wait before an attempt is repeated, in milliseconds. */
export interface Backoff {
  /** Wait after the first attempt; doubles with each further one. */
  readonly first: number;
  /** No wait is longer, before it is varied at random. */
  readonly longest: number;
}

/**
 * Milliseconds to wait after `attempts` attempts: exponential, then multiplied by a random factor from 0.5 to 1.5, so
 * that what failed together is not repeated together.
 * @param random - a number in [0, 1)
 */
export function backoffDelay(
  { first, longest }: Backoff,
  attempts: number,
  random: () => number,
): number {
  const exponential = Math.min(longest, first * 2 ** Math.max(0, attempts - 1));
  return Math.round(exponential * (0.5 + random()));
}
