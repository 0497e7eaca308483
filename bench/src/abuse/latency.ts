import { percentile } from '../statistics.ts';

const SECOND = 1_000;
/** Milliseconds between the beginnings of the windows of a second in which the p99 is taken. */
const STEP = 100;

/** A message: when it was sent, and the milliseconds until its acknowledgement. */
interface Sample {
  readonly sentAt: number;
  readonly took: number;
}

/** The p99 of a stretch of time, and for how many seconds it was above a bound without a break. */
export interface Latency {
  readonly p99: number;
  readonly secondsAbove: number;
  /** The p99 of each whole second. */
  readonly seconds: readonly number[];
}

/** The latency of what was sent from `from` until `to`. The windows also have what was sent in the second before. */
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
  // What lasts a moment is in all windows that contain it, which begin within a second.
  const secondsAbove = Math.max(0, longest * STEP - SECOND) / SECOND;
  return { p99: p99(from, to), secondsAbove, seconds };
}
