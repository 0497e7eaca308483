import { MINUTE, SECOND, type Now } from '@parley/common';

import type { Logger } from '../logging/logger.ts';

/** What is watched, and who is told. */
export interface RecentWatchDeps<Item> {
  /** What happened at or after a time (milliseconds). */
  readonly read: (since: number) => Promise<readonly Item[]>;
  /** Names a happening, the same whenever it is read. */
  readonly keyOf: (item: Item) => string;
  /** Called with what has not been told yet; where it fails, the same is told again. */
  readonly onNews: (items: readonly Item[]) => void | Promise<void>;
  readonly now: Now;
  readonly logger: Logger;
  /** What the log says when a look failed. */
  readonly fault: string;
}

const EVERY = 2 * SECOND;
/**
 * Each look goes this far back: what happens is dated before it is written, and a write may take as long as the
 * election of a new primary.
 */
const OVERLAP = MINUTE;

/** Asks the database every 2 s what happened lately: the way to hear of it that works without Redis. */
export class RecentWatch<Item> {
  readonly #deps: RecentWatchDeps<Item>;
  readonly #told = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #since: number;

  constructor(deps: RecentWatchDeps<Item>) {
    this.#deps = deps;
    this.#since = deps.now();
  }

  start(): void {
    this.#timer = setInterval(() => void this.look(), EVERY);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Looks once, or joins the look under way; a failure is logged, and the next look covers the same time again. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  async #look(): Promise<void> {
    const { fault, keyOf, logger, now, onNews, read } = this.#deps;
    const startedAt = now();
    try {
      const recent = await read(this.#since - OVERLAP);
      const news = recent.filter((item) => !this.#told.has(keyOf(item)));
      if (news.length > 0) await onNews(news);
      for (const item of news) this.#told.set(keyOf(item), startedAt);
      for (const [key, at] of this.#told) {
        if (at < startedAt - 2 * OVERLAP) this.#told.delete(key);
      }
      this.#since = startedAt;
    } catch (error) {
      logger.warn({ err: error }, fault);
    }
  }
}
