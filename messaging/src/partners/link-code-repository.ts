import { isDuplicateKey, type Collection, type Db, type Transaction } from '@parley/backend-common';

interface LinkCodeDocument {
  /** Who gave the code: nobody has two. */
  _id: string;
  hash: string;
  expiresAt: Date;
}

/** Writes and reads `link_codes`; what is stored tells nobody the code. */
export class LinkCodeRepository {
  readonly #codes: Collection<LinkCodeDocument>;

  constructor(db: Db) {
    this.#codes = db.collection<LinkCodeDocument>('link_codes');
  }

  /** Stores the code of a person in place of an earlier one; answers whether it was free. Index `_id_`. */
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

  /** Who gave a code that is still good; index `code`. */
  async ownerOf(hash: string, now: number, transaction: Transaction): Promise<string | null> {
    const found = await this.#codes.findOne(
      { hash, expiresAt: { $gt: new Date(now) } },
      { hint: 'code', projection: { _id: 1 }, session: transaction },
    );
    return found?._id ?? null;
  }

  /** Forgets the codes of people. Index `_id_`. */
  async remove(userIds: readonly string[], transaction: Transaction): Promise<void> {
    await this.#codes.deleteMany({ _id: { $in: [...userIds] } }, { session: transaction });
  }
}
