import {
  Periodic,
  RenewalRound,
  type Logger,
  type PeriodicMetrics,
  type SessionReader,
} from '@parley/backend-common';
import { MINUTE, SECOND, type Now } from '@parley/common';

import type { SocketRegistry } from '../server/socket-registry.ts';
import type { SessionCloser } from './session-closer.ts';

interface SessionRefresherDeps {
  readonly sockets: SocketRegistry;
  readonly sessions: Pick<SessionReader, 'byId'>;
  readonly closer: SessionCloser;
  /** Reports sessions in use to the auth service; absent: its URL is not configured. */
  readonly touch?: ((sessionIds: readonly string[]) => Promise<void>) | undefined;
  readonly now: Now;
  readonly metrics: Pick<PeriodicMetrics, 'observe' | 'register'>;
  readonly logger: Logger;
}

/** A sixtieth of the sessions is looked up in each run, so that each is looked up once a minute. */
const CLOSE_EVERY = SECOND;
/** Reports follow each other after 2 to 5 minutes, so that nodes do not report together. */
const REPORT = { every: 5 * MINUTE, jitter: 0.6 };
/** Sessions that the auth service accepts in one call. */
const REPORTED_PER_CALL = 500;

/** Prolongs sessions while they have an open socket, and closes the sockets of expired and deleted ones. */
export class SessionRefresher {
  readonly #deps: SessionRefresherDeps;
  readonly #round: RenewalRound;
  readonly #closing: Periodic;
  readonly #reporting: Periodic | undefined;

  constructor(deps: SessionRefresherDeps) {
    this.#deps = deps;
    const { logger, metrics, sockets, touch } = deps;
    this.#round = new RenewalRound(() => sockets.sessionIds());
    this.#closing = new Periodic({
      name: 'close_expired_sessions',
      every: CLOSE_EVERY,
      run: () => this.closeExpired(),
      metrics,
      onFault: (error) => logger.warn({ err: error }, 'Expired sessions could not be closed'),
    });
    if (touch === undefined) return;
    this.#reporting = new Periodic({
      name: 'report_sessions_in_use',
      ...REPORT,
      run: () => this.touchAll(),
      metrics,
      onFault: (error) => {
        logger.warn({ err: error }, 'Sessions in use could not be reported to the auth service');
      },
    });
  }

  start(): void {
    this.#closing.start();
    this.#reporting?.start();
  }

  /** Waits for the run in progress. */
  async stop(): Promise<void> {
    await this.#closing.stop();
    await this.#reporting?.stop();
  }

  /**
   * Closes the sockets of sessions that have ended. The database decides: a session may have been prolonged. A share of
   * the others is looked up too, because no poll finds a session whose document was deleted.
   */
  async closeExpired(): Promise<void> {
    const { logger } = this.#deps;
    const due = new Set([...this.#expired(), ...this.#round.next()]);
    const renewed = await Promise.allSettled([...due].map((id) => this.#renewOrEnd(id)));
    const failed = renewed.find((each) => each.status === 'rejected');
    if (failed !== undefined) {
      logger.warn({ err: failed.reason as unknown }, 'A session could not be looked up');
    }
  }

  /** Reports all sessions with a socket on this node to the auth service. @throws when it does not accept them */
  async touchAll(): Promise<void> {
    const { sockets, touch } = this.#deps;
    const sessionIds = sockets.sessionIds();
    for (let from = 0; from < sessionIds.length; from += REPORTED_PER_CALL) {
      await touch?.(sessionIds.slice(from, from + REPORTED_PER_CALL));
    }
  }

  /** The sessions that seem to have ended. Runs every second over all sockets, so it creates nothing for each. */
  #expired(): readonly string[] {
    const { sockets } = this.#deps;
    const now = this.#deps.now();
    const expired: string[] = [];
    for (const id of sockets.sessionIds()) {
      for (const { data } of sockets.ofSession(id)) {
        if (data.caller.expiresAt <= now) expired.push(id);
      }
    }
    return expired;
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
