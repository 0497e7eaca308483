import type { Collection, Db, Transaction } from '@parley/backend-common';

/** A token with which a user may set a new password once. */
interface ResetDocument {
  /** User id: a user has one token at most. */
  _id: string;
  /** SHA-256 of the token; the token itself is not stored. */
  tokenHash: string;
  /** TTL. */
  expiresAt: Date;
}

/** Reads and writes `password_resets`. */
export class PasswordResetRepository {
  readonly #resets: Collection<ResetDocument>;

  constructor(db: Db) {
    this.#resets = db.collection<ResetDocument>('password_resets');
  }

  /** Stores a token in place of the one that the user has. `expiresAt` is in milliseconds. Index `_id_`. */
  async replace(userId: string, tokenHash: string, expiresAt: number): Promise<void> {
    const token = { tokenHash, expiresAt: new Date(expiresAt) };
    await this.#resets.replaceOne({ _id: userId }, token, { upsert: true });
  }

  /** The user of a token that has not expired; index `token`. */
  async userOf(tokenHash: string, now: number): Promise<string | null> {
    const found = await this.#resets.findOne({ tokenHash, expiresAt: { $gt: new Date(now) } });
    return found?._id ?? null;
  }

  /** Uses a token up. Returns whether it was still there. Index `_id_`. */
  async use(userId: string, tokenHash: string, transaction: Transaction): Promise<boolean> {
    const filter = { _id: userId, tokenHash };
    const { deletedCount } = await this.#resets.deleteOne(filter, { session: transaction });
    return deletedCount === 1;
  }
}
