import { SECOND, type Now } from '@parley/common';
import type { Db } from 'mongodb';

import type { Resources } from '../lifecycle/resources.ts';
import type { Logger } from '../logging/logger.ts';
import type { PeriodicMetrics } from '../work/periodic-metrics.ts';
import { Periodic } from '../work/periodic.ts';

/** The one clock that all nodes share: that of MongoDB's primary. */
export interface Clock {
  /** Milliseconds since the epoch; never goes back within a process by more than a correction. */
  now(): number;
  /** Ends the comparisons with the primary, and waits for the one in progress. */
  close(): Promise<void>;
}

interface ClockDeps {
  readonly db: Db;
  readonly metrics: PeriodicMetrics;
  readonly logger: Logger;
}

interface OpenClockDeps extends ClockDeps {
  /** Used in place of the primary's clock, as by tests. */
  readonly instead: Now | undefined;
  /** Ends the comparisons with the primary. */
  readonly resources: Resources;
}

const COMPARE_EVERY = 30 * SECOND;

/** Follows the primary's clock: monotonic time plus an offset that is measured now and every 30 s. */
export async function createClock({ db, logger, metrics }: ClockDeps): Promise<Clock> {
  let offset = await measureOffset(db);
  const periodic = new Periodic({
    name: 'compare_clock',
    every: COMPARE_EVERY,
    run: async () => {
      offset = await measureOffset(db);
    },
    metrics,
    onFault: (error) => logger.debug({ err: error }, 'The clock could not be compared'),
  });
  periodic.start();
  return {
    now: () => Math.floor(performance.now() + offset),
    close: () => periodic.stop(),
  };
}

/** The time of a service: the primary's, or the one that is given in its place. */
export async function openClock({ instead, resources, ...deps }: OpenClockDeps): Promise<Now> {
  if (instead !== undefined) return instead;
  const clock = await createClock(deps);
  resources.defer('clock', () => clock.close());
  return () => clock.now();
}

async function measureOffset(db: Db): Promise<number> {
  const before = performance.now();
  const hello = await db.admin().command({ hello: 1 });
  const after = performance.now();
  return (hello['localTime'] as Date).getTime() - (before + after) / 2;
}
