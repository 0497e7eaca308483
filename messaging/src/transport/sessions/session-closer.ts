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

/** Milliseconds for which an ended session is remembered. Longer than any handshake takes. */
const REMEMBER = MINUTE;

/** Closes the sockets of ended sessions. */
export class SessionCloser {
  readonly #deps: SessionCloserDeps;
  readonly #ended = new Map<string, number>();
  readonly #listeners: ((sessionIds: readonly string[]) => void)[] = [];

  constructor(deps: SessionCloserDeps) {
    this.#deps = deps;
  }

  /** Calls `listener` with the ids of sessions that end from now on. */
  onEnded(listener: (sessionIds: readonly string[]) => void): void {
    this.#listeners.push(listener);
  }

  /** Closes the sockets of ended sessions. Handshakes in progress check {@link hasEnded}. */
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

  /** Whether a session ended within the last minute: a handshake that began before may finish only now. */
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

/** Closes a socket so that its client does not reconnect by itself. */
export function closeForGood(socket: ClientSocket, code: ErrorCode): void {
  socket.emit('session:closed', { code, reconnect: false });
  socket.disconnect(true);
}
