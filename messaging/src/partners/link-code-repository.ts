import { isDuplicateKey, type Collection, type Db, type Transaction } from '@parley/backend-common';

interface LinkCodeDocument {
  /** The user who created the code. A user has one code at most. */
  _id: string;
  hash: string;
  expiresAt: Date;
}

/** Reads and writes `link_codes`. Only a keyed hash of each code is stored. */
export class LinkCodeRepository {
  readonly #codes: Collection<LinkCodeDocument>;

  constructor(db: Db) {
    this.#codes = db.collection<LinkCodeDocument>('link_codes');
  }

  /** Replaces the code of a user. Returns `false` if another user has the same code. Index `_id_`. */
  async replace(userId: string, hash: string, expiresAt: number): Promise<boolean> {
    try {
      await this.#codes.replaceOne(
        { _id: userId },
        { hash, expiresAt: new Date(expiresAt) },
        { upsert: true },
      );
      return true;
    } catch (error) {
      if (isDuplicateKey(error, 'code')) return false;
      throw error;
    }
  }

  /** The user who created a code that has not expired; index `code`. */
  async ownerOf(hash: string, now: number, transaction: Transaction): Promise<string | null> {
    const found = await this.#codes.findOne(
      { hash, expiresAt: { $gt: new Date(now) } },
      { hint: 'code', projection: { _id: 1 }, session: transaction },
    );
    return found?._id ?? null;
  }

  /** Removes the codes of users. Index `_id_`. */
  async remove(userIds: readonly string[], transaction: Transaction): Promise<void> {
    await this.#codes.deleteMany({ _id: { $in: [...userIds] } }, { session: transaction });
  }
}
