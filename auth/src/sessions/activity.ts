import type { Logger } from '@parley/backend-common';
import { MINUTE, type Now } from '@parley/common';

import { TOUCH_EVERY } from './policy.ts';
import type { SessionRepository } from './repository.ts';

interface SessionActivityDeps {
  readonly repository: Pick<SessionRepository, 'touch'>;
  readonly now: Now;
  readonly logger: Logger;
}

const FLUSH_EVERY = MINUTE;
const REMEMBERED_AT_MOST = 50_000;

/** Gathers which sessions are used and writes them together, so that no request costs a write. */
export class SessionActivity {
  readonly #deps: SessionActivityDeps;
  readonly #pending = new Set<string>();
  readonly #notedAt = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: SessionActivityDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#timer = setInterval(() => void this.flush(), FLUSH_EVERY);
    this.#timer.unref();
  }

  /** Writes what is left. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  /** A session was used now. */
  note(sessionId: string): void {
    const now = this.#deps.now();
    const before = this.#notedAt.get(sessionId);
    if (before !== undefined && now - before < TOUCH_EVERY) return;
    this.#notedAt.delete(sessionId);
    this.#notedAt.set(sessionId, now);
    this.#pending.add(sessionId);
    if (this.#notedAt.size > REMEMBERED_AT_MOST) this.#forgetOldest();
  }

  /** Writes what was noted; what cannot be written is noted again by the next use. */
  async flush(): Promise<void> {
    if (this.#pending.size === 0) return;
    const ids = [...this.#pending];
    this.#pending.clear();
    try {
      await this.#deps.repository.touch(ids, this.#deps.now());
    } catch (error) {
      for (const id of ids) this.#notedAt.delete(id);
      this.#deps.logger.warn({ err: error }, 'The use of sessions could not be recorded');
    }
  }

  #forgetOldest(): void {
    const oldest = this.#notedAt.keys().next();
    if (oldest.done !== true) this.#notedAt.delete(oldest.value);
  }
}
