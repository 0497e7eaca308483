import { percentile } from '../statistics.ts';

const SECOND = 1_000;
/** The p99 is taken in overlapping windows of one second. Each begins this many milliseconds after the one before. */
const STEP = 100;

/** A message: the time at which it was sent, and the milliseconds until its acknowledgement. */
interface Sample {
  readonly sentAt: number;
  readonly took: number;
}

/** The latency of messages that were sent in a span of time. */
export interface Latency {
  readonly p99: number;
  /** The slowest message; 0 without any. */
  readonly worst: number;
  /** The longest time, in seconds, for which the p99 was above a bound without interruption. */
  readonly secondsAbove: number;
  /** The p99 of each whole second. */
  readonly seconds: readonly number[];
}

/** The latency of the messages that were sent from `from` until `to`. The first windows begin up to a second before. */
export function latencyOf(
  samples: readonly Sample[],
  { bound, from, to }: { readonly from: number; readonly to: number; readonly bound: number },
): Latency {
  const p99 = (start: number, end: number) => {
    const within = samples.filter(({ sentAt }) => sentAt >= start && sentAt < end);
    return percentile(
      within.map(({ took }) => took).sort((one, other) => one - other),
      0.99,
    );
  };
  let [inRow, longest] = [0, 0];
  for (let start = from - SECOND + STEP; start + SECOND <= to; start += STEP) {
    inRow = p99(start, start + SECOND) > bound ? inRow + 1 : 0;
    longest = Math.max(longest, inRow);
  }
  const seconds: number[] = [];
  for (let second = from; second + SECOND <= to; second += SECOND) {
    seconds.push(p99(second, second + SECOND));
  }
  // One slow message raises the p99 of every window that contains it. Those windows begin within one second.
  const secondsAbove = Math.max(0, longest * STEP - SECOND) / SECOND;
  const within = samples.filter(({ sentAt }) => sentAt >= from && sentAt < to);
  const worst = within.reduce((slowest, { took }) => Math.max(slowest, took), 0);
  return { p99: p99(from, to), worst, secondsAbove, seconds };
}
