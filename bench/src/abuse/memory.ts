import { setTimeout as delay } from 'node:timers/promises';
import { SECOND } from '@parley/common';

/** After an attack, a node is back to idle when it uses no more than this multiple of the memory that it used before. */
export const MEMORY_FACTOR = 1.5;

/** Memory of a process, in any one unit; NaN where it cannot be measured. */
export interface MemoryAfter {
  readonly after: number;
  /** Seconds after the attack at which the process was back to idle; `undefined`: it was not. */
  readonly backAfter: number | undefined;
}

interface Rest {
  readonly before: number;
  readonly seconds: number;
  readonly read: () => Promise<number>;
  readonly pause?: (milliseconds: number) => Promise<unknown>;
}

/** Watches the memory of a process that rests, once a second. */
export async function watchRest({
  before,
  pause = delay,
  read,
  seconds,
}: Rest): Promise<MemoryAfter> {
  let after = await read();
  let backAfter = isBack(after, before) ? 0 : undefined;
  for (let second = 1; second <= seconds; second += 1) {
    await pause(SECOND);
    after = await read();
    // The memory must stay below the bound until the end.
    if (!isBack(after, before)) backAfter = undefined;
    else backAfter ??= second;
  }
  return { after, backAfter };
}

function isBack(bytes: number, before: number): boolean {
  return !(bytes > MEMORY_FACTOR * before);
}
