import type { Collection, Db } from 'mongodb';

import type { UserDocument } from '../profiles/profile-repository.ts';

/** Reads what decides whether a user may act as an administrator. */
export class AdministratorReader {
  readonly #users: Collection<UserDocument>;

  constructor(db: Db) {
    this.#users = db.collection<UserDocument>('users');
  }

  /** The username of a user whose account is neither deleted nor suspended; otherwise `null`. Index `_id_`. */
  async usernameOf(id: string): Promise<string | null> {
    const found = await this.#users.findOne(
      { _id: id, deletedAt: null, suspendedAt: null },
      { projection: { username: 1 } },
    );
    return found?.username ?? null;
  }
}
