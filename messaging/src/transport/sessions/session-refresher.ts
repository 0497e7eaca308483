import type { Logger, SessionReader } from '@parley/backend-common';
import { MINUTE, SECOND, type Now } from '@parley/common';

import type { SessionCloser } from './session-closer.ts';
import type { SocketRegistry } from '../server/socket-registry.ts';

interface SessionRefresherDeps {
  readonly sockets: SocketRegistry;
  readonly sessions: Pick<SessionReader, 'byId'>;
  readonly closer: SessionCloser;
  /** Tells the auth service that sessions are in use; absent where it is not known. */
  readonly touch?: ((sessionIds: readonly string[]) => Promise<void>) | undefined;
  readonly now: Now;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
}

const LOOK_EVERY = 5 * SECOND;
const TOUCH_AFTER = 2 * MINUTE;
const TOUCH_SPREAD = 3 * MINUTE;
/** As many as the auth service takes in one call. */
const TOUCHED_PER_CALL = 500;

/** Keeps sessions alive while they have an open socket, and closes the sockets of those whose time is over. */
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

  /** Closes the sockets of sessions that have expired; those that were prolonged meanwhile stay. */
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

  /** Tells the auth service which sessions have a socket here; a failure is logged, and the next time tells all again. */
  async touchAll(): Promise<void> {
    const { logger, sockets, touch } = this.#deps;
    const sessionIds = sockets.sessionIds();
    try {
      for (let from = 0; from < sessionIds.length; from += TOUCHED_PER_CALL) {
        await touch?.(sessionIds.slice(from, from + TOUCHED_PER_CALL));
      }
    } catch (error) {
      logger.warn({ err: error }, 'The auth service could not be told which sessions are in use');
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
