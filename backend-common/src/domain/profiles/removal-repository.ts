import type { Collection, Db } from 'mongodb';

import type { UserDocument } from './profile-repository.ts';

/** A deleted account of which something is left. */
export interface PendingRemoval {
  readonly userId: string;
  /** When the account was deleted (milliseconds). */
  readonly since: number;
}

/** Which accounts are read. Times are in milliseconds. */
interface DeletedPage {
  readonly from: number;
  readonly to: number;
  readonly limit: number;
}

/** Reads which accounts were deleted and are not yet removed everywhere. Only auth writes that. */
export class PendingRemovalReader {
  readonly #users: Collection<UserDocument>;

  constructor(db: Db) {
    this.#users = db.collection<UserDocument>('users');
  }

  /** Accounts that were deleted at `from` or later, and not after `to`, the oldest first; index `removal`. */
  async deletedBetween({ from, limit, to }: DeletedPage): Promise<PendingRemoval[]> {
    const found = await this.#users
      .find({ removalSince: { $gt: 0, $gte: from, $lte: to } })
      .sort({ removalSince: 1 })
      .limit(limit)
      .project<{ _id: string; removalSince: number }>({ removalSince: 1 })
      .toArray();
    return found.map(({ _id, removalSince }) => ({ userId: _id, since: removalSince }));
  }
}
