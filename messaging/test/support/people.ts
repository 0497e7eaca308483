import { randomBytes } from 'node:crypto';
import { hashToken, type Db, type SessionDocument } from '@parley/backend-common';
import type { UserDocument } from '@parley/backend-common/domain';
import { DAY, createIdGenerator } from '@parley/common';

/** A user with one session. */
export interface Person {
  readonly userId: string;
  readonly sessionId: string;
  readonly token: string;
}

const newId = createIdGenerator(Date.now, (into) => crypto.getRandomValues(into));

/** Creates users as the auth service stores them. */
export class People {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** An account with one login. */
  async create(privacy: Partial<UserDocument['privacy']> = {}): Promise<Person> {
    const userId = newId();
    await this.#db.collection<UserDocument>('users').insertOne({
      _id: userId,
      username: `user-${randomBytes(6).toString('hex')}`,
      displayName: null,
      nameKeys: [],
      avatarId: null,
      passwordHash: '',
      createdAt: Date.now(),
      privacy: { readReceipts: true, lastSeen: true, ...privacy },
      notifications: { previews: true },
      deletedAt: null,
    });
    return this.logIn(userId);
  }

  /** A further login. */
  async logIn(userId: string, session: Partial<SessionDocument> = {}): Promise<Person> {
    const token = randomBytes(32).toString('base64url');
    const sessionId = newId();
    const now = Date.now();
    await this.#db.collection<SessionDocument>('sessions').insertOne({
      _id: sessionId,
      userId,
      tokenHash: hashToken(token),
      deviceName: null,
      createdAt: now,
      lastSeenAt: now,
      expiresAt: now + 30 * DAY,
      endsAt: now + 180 * DAY,
      revokedAt: null,
      removeAt: new Date(now + 180 * DAY),
      ...session,
    });
    return { userId, sessionId, token };
  }

  /** Ends a session, as the auth service writes it. */
  async revoke({ sessionId }: Person): Promise<void> {
    await this.#db
      .collection<SessionDocument>('sessions')
      .updateOne({ _id: sessionId }, { $set: { revokedAt: Date.now() } });
  }

  /** Sets the privacy settings of a user. */
  async setPrivacy(userId: string, privacy: UserDocument['privacy']): Promise<void> {
    await this.#db
      .collection<UserDocument>('users')
      .updateOne({ _id: userId }, { $set: { privacy } });
  }
}
