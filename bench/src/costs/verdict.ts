/** Milliseconds of CPU of the node and of the store. NaN where it cannot be measured. */
export interface Cost {
  readonly node: number;
  readonly store: number;
}

/** What a reconnect of a user with many conversations may cost, in costs of one with few. */
const FACTOR = 3;
/** Milliseconds of CPU that a single operation may cost the node, and the store. */
const OPERATION_MS = 5;
/** The kernel counts the CPU of a process in ticks of 10 ms; a difference may be off by one at each end. */
const TICKS_MS = 20;

/** What the mean of `times` operations cannot tell from nothing, in milliseconds. */
export function resolutionOf(times: number): number {
  return TICKS_MS / times;
}

/**
 * What a reconnect with many conversations may cost, given what one with few costs. A cost below the resolution counts
 * as the resolution: three times nothing is no bar.
 */
export function barOfMany(few: Cost, resolution: number): Cost {
  return {
    node: FACTOR * Math.max(few.node, resolution),
    store: FACTOR * Math.max(few.store, resolution),
  };
}

/** What any single operation may cost. */
export const OPERATION_BAR: Cost = { node: OPERATION_MS, store: OPERATION_MS };

/** Whether a cost is within its bar. What cannot be measured is not above it. */
export function isMet(cost: Cost, bar: Cost): boolean {
  return !(cost.node > bar.node) && !(cost.store > bar.store);
}

/** A line of the table. Without a bar the cost is only shown. */
export function line(what: string, cost: Cost, bar?: Cost): string {
  const cells = (['node', 'store'] as const).map((part) => {
    const most = bar === undefined ? '' : ` (at most ${bar[part].toFixed(2)})`;
    return `${part} ${`${cost[part].toFixed(2)} ms`.padStart(9)}${most.padEnd(16)}`;
  });
  const verdict = bar === undefined ? '' : isMet(cost, bar) ? 'met' : 'missed';
  return `${what.padEnd(52)} ${cells.join('  ')} ${verdict}`.trimEnd();
}
