import { MINUTE, SECOND, type Now } from '@parley/common';

import type { Logger } from '../logging/logger.ts';
import type { SessionReader } from './session-repository.ts';

interface RevocationWatchDeps {
  readonly sessions: Pick<SessionReader, 'revokedSince'>;
  readonly now: Now;
  readonly logger: Logger;
  readonly onRevoked: (sessionIds: readonly string[]) => void;
}

const EVERY = 2 * SECOND;
/**
 * Each look goes this far back: a revocation is dated before it is written, and a write may take as long as the
 * election of a new primary.
 */
const OVERLAP = MINUTE;

/** Asks every 2 s which sessions were revoked: the way that works without Redis. */
export class RevocationWatch {
  readonly #deps: RevocationWatchDeps;
  readonly #told = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #since: number;

  constructor(deps: RevocationWatchDeps) {
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
    const { logger, now, onRevoked, sessions } = this.#deps;
    const startedAt = now();
    try {
      const revoked = await sessions.revokedSince(this.#since - OVERLAP);
      const news = revoked.filter(({ id }) => !this.#told.has(id));
      for (const { id } of news) this.#told.set(id, startedAt);
      for (const [id, at] of this.#told) {
        if (at < startedAt - 2 * OVERLAP) this.#told.delete(id);
      }
      this.#since = startedAt;
      if (news.length > 0) onRevoked(news.map(({ id }) => id));
    } catch (error) {
      logger.warn({ err: error }, 'Revoked sessions could not be asked for');
    }
  }
}
