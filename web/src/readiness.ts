import { SECOND } from '@parley/common';

/** Milliseconds for which an answer stands, so that asking often does not become work for the parts behind. */
const STANDS = SECOND;

/** Asks all parts at most once a second, however many want to know. */
export function readiness(
  parts: readonly (() => Promise<unknown>)[],
  now: () => number = () => performance.now(),
): () => Promise<void> {
  let askedAt = -Infinity;
  let answer: Promise<void> = Promise.resolve();
  return () => {
    if (now() - askedAt >= STANDS) {
      askedAt = now();
      answer = Promise.all(parts.map((ask) => ask())).then(() => undefined);
    }
    return answer;
  };
}
