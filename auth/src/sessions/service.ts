import { hashToken, type Caller, type Counter, type Transaction } from '@parley/backend-common';
import { AppError, LIMITS, type Now } from '@parley/common';
import type { Session } from '@parley/common/contract';

import type { SessionActivity } from './activity.ts';
import { expiresAt } from './policy.ts';
import type { LiveSession, SessionRepository } from './repository.ts';

interface SessionServiceDeps {
  readonly repository: SessionRepository;
  readonly activity: SessionActivity;
  readonly now: Now;
  readonly createId: () => string;
  readonly createToken: () => string;
  /** Called with revoked sessions after they are written. */
  readonly onRevoked: (sessionIds: readonly string[]) => void;
  readonly created: Counter;
  readonly revoked: Counter;
}

/** A new session, with its token, which is not readable later. */
export interface NewSession {
  readonly sessionToken: string;
  readonly session: Session;
}

/** Creates, lists, extends and revokes sessions. */
export class SessionService {
  readonly #deps: SessionServiceDeps;

  constructor(deps: SessionServiceDeps) {
    this.#deps = deps;
  }

  /** Creates a session. Beyond 50 of a user, those that were idle longest are revoked. */
  async create(userId: string, deviceName: string | undefined): Promise<NewSession> {
    const { created, createId, createToken, now, repository } = this.#deps;
    const at = now();
    const sessionToken = createToken();
    const endsAt = at + LIMITS.sessionMax;
    const session = {
      _id: createId(),
      userId,
      tokenHash: hashToken(sessionToken),
      deviceName: deviceName ?? null,
      createdAt: at,
      lastSeenAt: at,
      expiresAt: expiresAt(at, endsAt),
      endsAt,
    };
    await repository.insert(session);
    created.inc();
    const live = await repository.listLive(userId, at);
    await this.#end(
      userId,
      live.slice(LIMITS.sessionsPerUser).map(({ _id }) => _id),
    );
    return { sessionToken, session: toSession(session, session._id) };
  }

  /** Own sessions that have not ended, last used first. */
  async list(caller: Caller): Promise<Session[]> {
    const live = await this.#deps.repository.listLive(caller.userId, this.#deps.now());
    return live.map((session) => toSession(session, caller.sessionId));
  }

  /** The sessions of a user that have not ended, last used first. */
  async listOf(userId: string): Promise<Omit<Session, 'current'>[]> {
    const live = await this.#deps.repository.listLive(userId, this.#deps.now());
    return live.map(({ _id: id, ...times }) => ({ id, ...times }));
  }

  /** Revokes a session of a user; revoking it again does nothing. @throws AppError `not_found` */
  async revoke(userId: string, sessionId: string): Promise<void> {
    if (!(await this.#deps.repository.isOf(userId, sessionId))) {
      throw new AppError('not_found', 'The session does not exist');
    }
    await this.#end(userId, [sessionId]);
  }

  /** Revokes every session of the caller except the current one. */
  async revokeOthers(caller: Caller): Promise<void> {
    const live = await this.#deps.repository.listLive(caller.userId, this.#deps.now());
    const others = live.map(({ _id }) => _id).filter((id) => id !== caller.sessionId);
    await this.#end(caller.userId, others);
  }

  /** Revokes every session of a user. */
  async revokeAll(userId: string): Promise<void> {
    this.announceRevoked(await this.#deps.repository.revokeAll(userId, this.#deps.now()));
  }

  /** Revokes every session of a user within a transaction. Call `announceRevoked` after its commit. */
  revokeAllWithin(userId: string, transaction: Transaction): Promise<string[]> {
    return this.#deps.repository.revokeAll(userId, this.#deps.now(), transaction);
  }

  /** Counts sessions that were revoked, and notifies every service of them. */
  announceRevoked(sessionIds: readonly string[]): void {
    if (sessionIds.length === 0) return;
    const { onRevoked, revoked } = this.#deps;
    revoked.inc(sessionIds.length);
    onRevoked(sessionIds);
  }

  /** Removes every trace of the sessions of a user who has none left. */
  async removeAll(userId: string): Promise<void> {
    await this.revokeAll(userId);
    await this.#deps.repository.removeAll(userId);
  }

  /** Records that sessions are in use, for example by open sockets. */
  async touch(sessionIds: readonly string[]): Promise<void> {
    await this.#deps.repository.touch(sessionIds, this.#deps.now());
  }

  /** Records a request; written later, together with others. */
  noteUse(sessionId: string): void {
    this.#deps.activity.note(sessionId);
  }

  async #end(userId: string, sessionIds: readonly string[]): Promise<void> {
    if (sessionIds.length === 0) return;
    const { now, onRevoked, repository, revoked } = this.#deps;
    const count = await repository.revoke(userId, sessionIds, now());
    revoked.inc(count);
    onRevoked(sessionIds);
  }
}

function toSession(stored: LiveSession, currentId: string): Session {
  const { _id: id, createdAt, deviceName, expiresAt, lastSeenAt } = stored;
  return { id, deviceName, createdAt, lastSeenAt, expiresAt, current: id === currentId };
}
