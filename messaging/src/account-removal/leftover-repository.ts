import type { Db } from '@parley/backend-common';

interface Owned {
  _id: string;
  userId: string;
  addedBy: string;
  sessionId: string;
}

/** Removes what is stored for one user alone and has no effect on others. */
export class LeftoverRepository {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** The devices and the pushes that wait for them. Indexes `user` of `devices`, `_id_`. */
  async removeDevices(userId: string): Promise<void> {
    await this.#collection('devices').deleteMany({ userId });
    await this.#collection('push_outbox').deleteMany({ _id: keysOf(userId) });
  }

  /** How far the sessions of the user have read the log. Indexes `user` of `sessions`, `session` of `cursors`. */
  async removeCursors(userId: string): Promise<void> {
    const sessions = await this.#collection('sessions')
      .find({ userId }, { projection: { _id: 1 } })
      .toArray();
    for (const { _id: sessionId } of sessions) {
      await this.#collection('cursors').deleteMany({ sessionId });
    }
  }

  /** Status, link code, the time last online and the days of activity. Index `_id_`. */
  async removeStatus(userId: string): Promise<void> {
    for (const name of ['statuses', 'link_codes', 'presence', 'engagement_people']) {
      await this.#collection(name).deleteOne({ _id: userId });
    }
  }

  /** Invitations of the user and by the user, and the bytes that it announced. Indexes `user`, `adder`, `_id_`. */
  async removeCounts(userId: string): Promise<void> {
    await this.#collection('invitations').deleteMany({ userId });
    await this.#collection('invitations').deleteMany({ addedBy: userId });
    await this.#collection('attachment_quotas').deleteMany({ _id: keysOf(userId) });
  }

  #collection(name: string) {
    return this.#db.collection<Owned>(name);
  }
}

/** Matches the ids that begin with a user id and a colon. */
function keysOf(userId: string): { readonly $gt: string; readonly $lt: string } {
  return { $gt: `${userId}:`, $lt: `${userId};` };
}
