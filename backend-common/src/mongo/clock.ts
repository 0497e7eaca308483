import { SECOND } from '@parley/common';
import type { Db } from 'mongodb';

import type { Logger } from '../logging/logger.ts';

/** The one clock that all nodes share: that of MongoDB's primary. */
export interface Clock {
  /** Milliseconds since the epoch; never goes back within a process by more than a correction. */
  now(): number;
  close(): void;
}

const RENEW = 30 * SECOND;

/** Follows the primary's clock: monotonic time plus an offset that is renewed every 30 s. */
export async function createClock(db: Db, logger: Logger): Promise<Clock> {
  let offset = await measureOffset(db);
  const timer = setInterval(() => {
    measureOffset(db).then(
      (measured) => (offset = measured),
      (error: unknown) => logger.debug({ err: error }, 'The clock could not be compared'),
    );
  }, RENEW);
  timer.unref();
  return {
    now: () => Math.floor(performance.now() + offset),
    close: () => clearInterval(timer),
  };
}

async function measureOffset(db: Db): Promise<number> {
  const before = performance.now();
  const hello = await db.admin().command({ hello: 1 });
  const after = performance.now();
  return (hello['localTime'] as Date).getTime() - (before + after) / 2;
}
