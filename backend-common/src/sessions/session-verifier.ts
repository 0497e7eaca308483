import { AppError, SECOND, type Now } from '@parley/common';
import { LRUCache } from 'lru-cache';

import { hashToken, type SessionReader, type SessionRecord } from './session-repository.ts';
import { looksLikeServiceToken, type Audience, type ServiceTokens } from './service-tokens.ts';

/** The user and session that a request belongs to. */
export interface Caller {
  readonly userId: string;
  readonly sessionId: string;
}

/** A caller, and when the session ends if it is not used (milliseconds since the epoch). */
export interface VerifiedCaller extends Caller {
  readonly expiresAt: number;
}

interface VerifierDeps {
  readonly sessions: SessionReader;
  readonly tokens: ServiceTokens;
  readonly audience: Audience;
  readonly now: Now;
}

/** Milliseconds for which a valid session is not read again; a revoked one is forgotten at once. */
const REMEMBER = 30 * SECOND;
const MAX_REMEMBERED = 10_000;
const SESSION_TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** Finds the caller that a bearer token or a handshake token belongs to. */
export class SessionVerifier {
  readonly #deps: VerifierDeps;
  readonly #remembered = new LRUCache<string, { session: SessionRecord; until: number }>({
    max: MAX_REMEMBERED,
  });
  /** Counts the calls of `forget`: a session that was read before a call must not be remembered after it. */
  #forgotten = 0;

  constructor(deps: VerifierDeps) {
    this.#deps = deps;
  }

  /** Verifies a session token or a service token. @throws AppError `unauthenticated`, `session_expired` */
  async verifyBearer(token: string | undefined): Promise<VerifiedCaller> {
    if (token === undefined) throw new AppError('unauthenticated', 'Send a session token');
    return looksLikeServiceToken(token)
      ? this.#verifySigned(token, 'service')
      : this.#verifyOpaque(token);
  }

  /** Verifies a session token or a ticket of a page. @throws AppError `unauthenticated`, `session_expired` */
  async verifyHandshake(token: string | undefined): Promise<VerifiedCaller> {
    if (token === undefined) throw new AppError('unauthenticated', 'Send a session token');
    return looksLikeServiceToken(token)
      ? this.#verifySigned(token, 'ticket')
      : this.#verifyOpaque(token);
  }

  /** Forgets sessions that were revoked, so that the next request reads them again. */
  forget(sessionIds: readonly string[]): void {
    this.#forgotten += 1;
    const gone = new Set(sessionIds);
    for (const [key, { session }] of [...this.#remembered]) {
      if (gone.has(session.id)) this.#remembered.delete(key);
    }
  }

  async #verifySigned(token: string, kind: 'service' | 'ticket'): Promise<VerifiedCaller> {
    const { audience, sessions, tokens } = this.#deps;
    const claims = await tokens.verify(token, { audience, kind });
    const id = claims.sessionId ?? '';
    const session = await this.#remember(`id:${id}`, () => sessions.byId(id));
    if (session.userId !== claims.userId)
      throw new AppError('unauthenticated', 'The token is not valid');
    return toCaller(session);
  }

  async #verifyOpaque(token: string): Promise<VerifiedCaller> {
    if (!SESSION_TOKEN.test(token)) throw new AppError('unauthenticated', 'The token is not valid');
    const tokenHash = hashToken(token);
    return toCaller(
      await this.#remember(tokenHash, () => this.#deps.sessions.byTokenHash(tokenHash)),
    );
  }

  async #remember(key: string, find: () => Promise<SessionRecord | null>): Promise<SessionRecord> {
    const now = this.#deps.now();
    const known = this.#remembered.peek(key);
    if (known !== undefined && known.until > now) return known.session;
    const forgotten = this.#forgotten;
    const session = await find();
    if (session === null) throw new AppError('unauthenticated', 'The session does not exist');
    if (session.revokedAt !== null || session.expiresAt <= now) {
      throw new AppError('session_expired', 'The session has ended; log in again');
    }
    if (forgotten !== this.#forgotten) return session;
    // Not beyond the end of the session: the next verification reads whether its use has extended it.
    this.#remembered.set(key, { session, until: Math.min(now + REMEMBER, session.expiresAt) });
    this.#forgetExpired(now);
    return session;
  }

  /** Drops what is no longer believed, oldest first: sessions of a storm of handshakes must not stay in memory. */
  #forgetExpired(now: number): void {
    for (const key of this.#remembered.rkeys()) {
      if ((this.#remembered.peek(key)?.until ?? 0) > now) return;
      this.#remembered.delete(key);
    }
  }
}

function toCaller(session: SessionRecord): VerifiedCaller {
  return { userId: session.userId, sessionId: session.id, expiresAt: session.expiresAt };
}
