import {
  within,
  type Collection,
  type Db,
  type SessionDocument,
  type Transaction,
} from '@parley/backend-common';
import { LIMITS } from '@parley/common';

import { KEPT_AFTER_END, TOUCH_EVERY } from './policy.ts';

/** A live session without its token hash. */
export type LiveSession = Pick<
  SessionDocument,
  '_id' | 'deviceName' | 'createdAt' | 'lastSeenAt' | 'expiresAt'
>;

const PROJECTION = { deviceName: 1, createdAt: 1, lastSeenAt: 1, expiresAt: 1 };

/** Reads and writes `sessions`. */
export class SessionRepository {
  readonly #sessions: Collection<SessionDocument>;

  constructor(db: Db) {
    this.#sessions = db.collection<SessionDocument>('sessions');
  }

  async insert(session: Omit<SessionDocument, 'revokedAt' | 'removeAt'>): Promise<void> {
    const removeAt = new Date(session.expiresAt + KEPT_AFTER_END);
    await this.#sessions.insertOne({ ...session, revokedAt: null, removeAt });
  }

  /** Live sessions of a user, last used first; index `user`. */
  async listLive(userId: string, now: number): Promise<LiveSession[]> {
    return this.#sessions
      .find<LiveSession>(
        { userId, revokedAt: null, expiresAt: { $gt: now } },
        { projection: PROJECTION },
      )
      .sort({ lastSeenAt: -1, _id: -1 })
      .toArray();
  }

  /** Whether the user has or had the session; index `_id_`. */
  async isOf(userId: string, id: string): Promise<boolean> {
    return (await this.#sessions.findOne({ _id: id, userId }, { projection: { _id: 1 } })) !== null;
  }

  /** Revokes those of a user's sessions that have not ended. Returns their number. Index `_id_`. */
  async revoke(userId: string, ids: readonly string[], now: number): Promise<number> {
    const { modifiedCount } = await this.#sessions.updateMany(
      { _id: { $in: [...ids] }, userId, revokedAt: null },
      { $set: { revokedAt: now, removeAt: new Date(now + KEPT_AFTER_END) } },
    );
    return modifiedCount;
  }

  /** Revokes all sessions of a user that have not ended. Returns their ids. Index `user`. */
  async revokeAll(userId: string, now: number, transaction?: Transaction): Promise<string[]> {
    const live = await this.#sessions
      .find({ userId, revokedAt: null }, { projection: { _id: 1 }, ...within(transaction) })
      .toArray();
    const ids = live.map(({ _id }) => _id);
    if (ids.length === 0) return ids;
    await this.#sessions.updateMany(
      { _id: { $in: ids }, revokedAt: null },
      { $set: { revokedAt: now, removeAt: new Date(now + KEPT_AFTER_END) } },
      within(transaction),
    );
    return ids;
  }

  /** Removes all sessions of a user; index `user`. */
  async removeAll(userId: string): Promise<void> {
    await this.#sessions.deleteMany({ userId });
  }

  /** Records use, coarsely: a session seen less than five minutes ago is not written. Index `_id_`. */
  async touch(ids: readonly string[], now: number): Promise<void> {
    const expiresAt = { $min: [now + LIMITS.sessionIdle, '$endsAt'] };
    await this.#sessions.updateMany(
      {
        _id: { $in: [...ids] },
        revokedAt: null,
        expiresAt: { $gt: now },
        lastSeenAt: { $lte: now - TOUCH_EVERY },
      },
      [
        { $set: { lastSeenAt: now, expiresAt } },
        { $set: { removeAt: { $toDate: { $add: ['$expiresAt', KEPT_AFTER_END] } } } },
      ],
    );
  }
}
