import type { Page } from 'playwright-core';

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly args?: { readonly name?: string };
  /** Microseconds of processor time; what other programs took meanwhile is not in it. */
  readonly tdur?: number;
}

const CATEGORIES = ['disabled-by-default-devtools.timeline', '__metadata'];

/** Milliseconds of processor time of each task that the page's main thread did while something was done. */
export async function tasksDuring(page: Page, act: () => Promise<unknown>): Promise<number[]> {
  const browser = page.context().browser()!;
  await browser.startTracing(page, { categories: CATEGORIES });
  await act();
  const { traceEvents } = JSON.parse(String(await browser.stopTracing())) as {
    readonly traceEvents: readonly TraceEvent[];
  };
  const isMain = (event: TraceEvent) => event.args?.name === 'CrRendererMain';
  const threads = new Set(traceEvents.filter(isMain).map(({ pid, tid }) => `${pid}:${tid}`));
  return traceEvents
    .filter(({ name, pid, tid }) => name === 'RunTask' && threads.has(`${pid}:${tid}`))
    .map(({ tdur = 0 }) => tdur / 1_000);
}

/** Milliseconds that {@link yardstick} takes where nothing else runs on the machine that the bounds were set on. */
const USUAL_YARDSTICK = 13;

/**
 * How much more processor time than usual the page's work costs at this moment, 1 at least: the same work takes longer
 * on a slower machine, and where others share its caches.
 */
export async function slowness(page: Page): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < 5; run += 1) {
    times.push(Math.max(...(await tasksDuring(page, () => page.evaluate(yardstick)))));
  }
  const median = times.sort((one, other) => one - other)[2]!;
  return Math.max(1, median / USUAL_YARDSTICK);
}

/** Work that is always the same. */
function yardstick(): number {
  let total = 0;
  for (let round = 0; round < 400; round += 1) {
    const row = Array.from({ length: 100 }, (_, index) => ({
      index,
      text: `${round} of ${index}`,
    }));
    total += JSON.stringify(row).length + row.sort((one, other) => other.index - one.index).length;
  }
  return total;
}
