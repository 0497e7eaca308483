import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 20;

/** Waits for `ms` milliseconds, or until `isOver` returns true. */
export async function pause(ms: number, isOver: () => boolean = () => false): Promise<void> {
  const end = performance.now() + ms;
  while (performance.now() < end && !isOver()) {
    await delay(Math.min(POLL_MS, Math.max(1, end - performance.now())));
  }
}

/** Polls a condition until it is true. Returns false if that takes longer than `withinMs`. */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  withinMs: number,
  pollMs = POLL_MS,
): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > deadline) return false;
    await delay(pollMs);
  }
  return true;
}
