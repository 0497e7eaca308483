import type { Logger, SessionVerifier } from '@parley/backend-common';
import { MINUTE, type ErrorCode, type Now } from '@parley/common';

import type { ClientSocket } from '../server/socket.ts';
import type { SocketRegistry } from '../server/socket-registry.ts';

interface SessionCloserDeps {
  readonly sockets: SocketRegistry;
  readonly verifier: Pick<SessionVerifier, 'forget'>;
  readonly now: Now;
  readonly logger: Logger;
}

/** Milliseconds for which an ended session is remembered: longer than any handshake takes. */
const REMEMBER = MINUTE;

/** Ends the sockets of sessions that have ended. */
export class SessionCloser {
  readonly #deps: SessionCloserDeps;
  readonly #ended = new Map<string, number>();
  readonly #listeners: ((sessionIds: readonly string[]) => void)[] = [];

  constructor(deps: SessionCloserDeps) {
    this.#deps = deps;
  }

  /** Calls `listener` with the sessions that end from now on. */
  onEnded(listener: (sessionIds: readonly string[]) => void): void {
    this.#listeners.push(listener);
  }

  /** Sessions were ended: their sockets are closed, and handshakes under way find out in {@link hasEnded}. */
  end(sessionIds: readonly string[]): void {
    const { logger, now, sockets, verifier } = this.#deps;
    verifier.forget(sessionIds);
    this.#forgetOld();
    let closed = 0;
    for (const sessionId of sessionIds) {
      this.#ended.set(sessionId, now());
      for (const socket of sockets.ofSession(sessionId)) {
        closeForGood(socket, 'session_expired');
        closed += 1;
      }
    }
    for (const listener of this.#listeners) listener(sessionIds);
    if (closed > 0) logger.info({ sessions: sessionIds.length, closed }, 'Sessions were ended');
  }

  /** Whether a session ended a moment ago: a handshake that began before may only now be through. */
  hasEnded(sessionId: string): boolean {
    return this.#ended.has(sessionId);
  }

  #forgetOld(): void {
    const before = this.#deps.now() - REMEMBER;
    for (const [sessionId, at] of this.#ended) {
      if (at > before) return;
      this.#ended.delete(sessionId);
    }
  }
}

/** Closes a socket so that its client does not come back by itself. */
export function closeForGood(socket: ClientSocket, code: ErrorCode): void {
  socket.emit('session:closed', { code, reconnect: false });
  socket.disconnect(true);
}
