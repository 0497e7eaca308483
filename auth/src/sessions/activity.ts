import { Periodic, type Logger, type PeriodicMetrics } from '@parley/backend-common';
import { MINUTE, type Now } from '@parley/common';
import { LRUCache } from 'lru-cache';

import { TOUCH_EVERY } from './policy.ts';
import type { SessionRepository } from './repository.ts';

interface SessionActivityDeps {
  readonly repository: Pick<SessionRepository, 'touch'>;
  readonly now: Now;
  readonly metrics: PeriodicMetrics;
  readonly logger: Logger;
}

const FLUSH_EVERY = MINUTE;
const MAX_REMEMBERED = 50_000;

/** Collects which sessions are used and writes them together, so that no request costs a write. */
export class SessionActivity {
  readonly #deps: SessionActivityDeps;
  readonly #periodic: Periodic;
  readonly #pending = new Set<string>();
  /** When the use of a session was last noted, in milliseconds. */
  readonly #notedAt = new LRUCache<string, number>({ max: MAX_REMEMBERED });

  constructor(deps: SessionActivityDeps) {
    this.#deps = deps;
    this.#periodic = new Periodic({
      name: 'write_session_activity',
      every: FLUSH_EVERY,
      run: () => this.#write(),
      metrics: deps.metrics,
      onFault: (error) => this.#report(error),
    });
  }

  /** Writes every minute. */
  start(): void {
    this.#periodic.start();
  }

  /** Writes what is left. */
  async stop(): Promise<void> {
    await this.#periodic.stop();
    await this.flush();
  }

  /** Records that a session was used now. */
  note(sessionId: string): void {
    const now = this.#deps.now();
    const before = this.#notedAt.get(sessionId);
    if (before !== undefined && now - before < TOUCH_EVERY) return;
    this.#notedAt.set(sessionId, now);
    this.#pending.add(sessionId);
  }

  /** Writes what was noted. Never rejects: what cannot be written is noted again by the next use. */
  async flush(): Promise<void> {
    await this.#write().catch((error: unknown) => this.#report(error));
  }

  async #write(): Promise<void> {
    if (this.#pending.size === 0) return;
    const ids = [...this.#pending];
    this.#pending.clear();
    try {
      await this.#deps.repository.touch(ids, this.#deps.now());
    } catch (error) {
      for (const id of ids) this.#notedAt.delete(id);
      throw error;
    }
  }

  #report(error: unknown): void {
    this.#deps.logger.warn({ err: error }, 'The use of sessions was not written');
  }
}
