import { setTimeout as delay } from 'node:timers/promises';

const POLL = 20;

/** Waits until something holds; the test's own time-out ends what never does. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await delay(POLL);
}
