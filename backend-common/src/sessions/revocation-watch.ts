import { SECOND, type Now } from '@parley/common';

import type { Logger } from '../logging/logger.ts';
import type { SessionReader } from './session-repository.ts';

interface RevocationWatchDeps {
  readonly sessions: Pick<SessionReader, 'revokedSince'>;
  readonly now: Now;
  readonly logger: Logger;
  readonly onRevoked: (sessionIds: readonly string[]) => void;
}

const EVERY = 2 * SECOND;
/** Each look goes this far back, so that a clock that was corrected or a late write hides nothing. */
const OVERLAP = 10 * SECOND;

/** Asks every 2 s which sessions were revoked: the way that works without Redis. */
export class RevocationWatch {
  readonly #deps: RevocationWatchDeps;
  readonly #told = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
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

  /** Looks once; a failure is logged, and the next look covers the same time again. */
  async look(): Promise<void> {
    const { logger, now, onRevoked, sessions } = this.#deps;
    const startedAt = now();
    try {
      const revoked = await sessions.revokedSince(this.#since - OVERLAP);
      const news = revoked.filter(({ id }) => !this.#told.has(id));
      for (const { id } of news) this.#told.set(id, startedAt);
      for (const [id, at] of this.#told) {
        if (at < startedAt - 6 * OVERLAP) this.#told.delete(id);
      }
      this.#since = startedAt;
      if (news.length > 0) onRevoked(news.map(({ id }) => id));
    } catch (error) {
      logger.warn({ err: error }, 'Revoked sessions could not be asked for');
    }
  }
}
