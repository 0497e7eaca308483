import { setTimeout as delay } from 'node:timers/promises';
import { type Db } from 'mongodb';

import { cpuSeconds } from '../processes/usage.ts';
import { pageCounts } from './collection.ts';

/** What some work has cost the store. CPU time is without what the idle store uses; NaN where it cannot be measured. */
export interface Cost {
  readonly cpuMicroseconds: number;
  readonly seconds: number;
  readonly pagesRequested: number;
  readonly pagesRead: number;
}

const MICROSECONDS = 1_000_000;
const REST_MS = 5_000;

/** Measures what work costs the store. */
export class StoreMeter {
  readonly #db: Db;
  readonly #pid: number | undefined;
  /** Share of a core that the idle store uses. */
  #rest = 0;

  private constructor(db: Db, pid: number | undefined) {
    this.#db = db;
    this.#pid = pid;
  }

  /** Measures what the idle store uses first. */
  static async open(db: Db, pid: number | undefined, restMs = REST_MS): Promise<StoreMeter> {
    const meter = new StoreMeter(db, pid);
    const { cpuMicroseconds, seconds } = await meter.costOf(() => delay(restMs));
    meter.#rest = cpuMicroseconds / MICROSECONDS / seconds;
    return meter;
  }

  async costOf(work: () => Promise<unknown>): Promise<Cost> {
    const pages = await pageCounts(this.#db);
    const [cpu, startedAt] = [await cpuSeconds(this.#pid), performance.now()];
    await work();
    const seconds = (performance.now() - startedAt) / 1_000;
    const used = (await cpuSeconds(this.#pid)) - cpu;
    const after = await pageCounts(this.#db);
    return {
      cpuMicroseconds: Math.max(0, used - seconds * this.#rest) * MICROSECONDS,
      seconds,
      pagesRequested: after.requested - pages.requested,
      pagesRead: after.read - pages.read,
    };
  }
}
