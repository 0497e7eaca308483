import type { Collection, Db } from 'mongodb';

import type { UserDocument } from './profile-repository.ts';

/** A deleted account of which something is left. */
export interface PendingRemoval {
  readonly userId: string;
  /** When the account was deleted (milliseconds). */
  readonly since: number;
}

/** Reads which accounts were deleted and are not yet removed everywhere. Only auth writes that. */
export class PendingRemovalReader {
  readonly #users: Collection<UserDocument>;

  constructor(db: Db) {
    this.#users = db.collection<UserDocument>('users');
  }

  /** Accounts that were deleted at or before a time (milliseconds), the oldest first; index `removal`. */
  async deletedBefore(time: number, limit: number): Promise<PendingRemoval[]> {
    const found = await this.#users
      .find({ removalSince: { $gt: 0, $lte: time } })
      .sort({ removalSince: 1 })
      .limit(limit)
      .project<{ _id: string; removalSince: number }>({ removalSince: 1 })
      .toArray();
    return found.map(({ _id, removalSince }) => ({ userId: _id, since: removalSince }));
  }
}
