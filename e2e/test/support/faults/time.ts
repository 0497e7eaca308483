import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 20;

/** Lets a fault last so many milliseconds; ends early once it is over. */
export async function hold(ms: number, isOver: () => boolean = () => false): Promise<void> {
  const end = performance.now() + ms;
  while (performance.now() < end && !isOver()) {
    await delay(Math.min(POLL_MS, Math.max(1, end - performance.now())));
  }
}

/** Waits until it is so. Answers whether it became so within `withinMs`. */
export async function becomes(
  isSo: () => boolean | Promise<boolean>,
  withinMs: number,
  pollMs = POLL_MS,
): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (!(await isSo())) {
    if (performance.now() > deadline) return false;
    await delay(pollMs);
  }
  return true;
}
