import { SECOND } from '@parley/common';

/** Milliseconds for which an answer is reused, so that frequent checks put no load on the dependencies. */
const REUSED_FOR = SECOND;

/** Checks all dependencies, at most once a second however often it is called. */
export function readiness(
  checks: readonly (() => Promise<unknown>)[],
  now: () => number = () => performance.now(),
): () => Promise<void> {
  let checkedAt = -Infinity;
  let answer: Promise<void> = Promise.resolve();
  return () => {
    if (now() - checkedAt >= REUSED_FOR) {
      checkedAt = now();
      answer = Promise.all(checks.map((check) => check())).then(() => undefined);
    }
    return answer;
  };
}
