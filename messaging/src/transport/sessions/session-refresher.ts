import type { Logger, SessionReader } from '@parley/backend-common';
import { MINUTE, SECOND, type Now } from '@parley/common';

import type { SessionCloser } from './session-closer.ts';
import type { SocketRegistry } from '../server/socket-registry.ts';

interface SessionRefresherDeps {
  readonly sockets: SocketRegistry;
  readonly sessions: Pick<SessionReader, 'byId'>;
  readonly closer: SessionCloser;
  /** Reports sessions in use to the auth service; absent: its URL is not configured. */
  readonly touch?: ((sessionIds: readonly string[]) => Promise<void>) | undefined;
  readonly now: Now;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
}

const LOOK_EVERY = 5 * SECOND;
const TOUCH_AFTER = 2 * MINUTE;
const TOUCH_SPREAD = 3 * MINUTE;
/** Sessions that the auth service accepts in one call. */
const TOUCHED_PER_CALL = 500;

/** Prolongs sessions while they have an open socket, and closes the sockets of expired ones. */
export class SessionRefresher {
  readonly #deps: SessionRefresherDeps;
  #looks: NodeJS.Timeout | undefined;
  #touches: NodeJS.Timeout | undefined;

  constructor(deps: SessionRefresherDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#looks = setInterval(() => void this.closeExpired(), LOOK_EVERY).unref();
    this.#touchLater();
  }

  stop(): void {
    clearInterval(this.#looks);
    clearTimeout(this.#touches);
  }

  /** Closes the sockets of expired sessions. The database decides: a session may have been prolonged. */
  async closeExpired(): Promise<void> {
    const { logger, now, sockets } = this.#deps;
    const overdue = sockets
      .sessionIds()
      .filter((id) => sockets.ofSession(id).some(({ data }) => data.caller.expiresAt <= now()));
    for (const sessionId of overdue) {
      try {
        await this.#renewOrEnd(sessionId);
      } catch (error) {
        logger.warn({ err: error }, 'A session could not be looked up');
      }
    }
  }

  /** Reports all sessions with a socket on this node to the auth service. A failure is logged; the next run reports all again. */
  async touchAll(): Promise<void> {
    const { logger, sockets, touch } = this.#deps;
    const sessionIds = sockets.sessionIds();
    try {
      for (let from = 0; from < sessionIds.length; from += TOUCHED_PER_CALL) {
        await touch?.(sessionIds.slice(from, from + TOUCHED_PER_CALL));
      }
    } catch (error) {
      logger.warn({ err: error }, 'Sessions in use could not be reported to the auth service');
    }
  }

  #touchLater(): void {
    if (this.#deps.touch === undefined) return;
    const delay = TOUCH_AFTER + this.#deps.random() * TOUCH_SPREAD;
    this.#touches = setTimeout(() => {
      void this.touchAll();
      this.#touchLater();
    }, delay).unref();
  }

  async #renewOrEnd(sessionId: string): Promise<void> {
    const { closer, now, sessions, sockets } = this.#deps;
    const session = await sessions.byId(sessionId);
    if (session === null || session.revokedAt !== null || session.expiresAt <= now()) {
      closer.end([sessionId]);
      return;
    }
    for (const { data } of sockets.ofSession(sessionId)) {
      data.caller = { ...data.caller, expiresAt: session.expiresAt };
    }
  }
}
