import { isDuplicateKey, type Collection, type Db, type Transaction } from '@parley/backend-common';

import type { LinkCodeHashes } from './link-code.ts';

interface LinkCodeDocument {
  /** The user who created the code. A user has one code at most. */
  _id: string;
  /** While the secret is being replaced: one for each of the two keys, so that nodes of either secret find the code. */
  hash: string | string[];
  expiresAt: Date;
}

/** Reads and writes `link_codes`. Only a keyed hash of each code is stored. */
export class LinkCodeRepository {
  readonly #codes: Collection<LinkCodeDocument>;

  constructor(db: Db) {
    this.#codes = db.collection<LinkCodeDocument>('link_codes');
  }

  /** Replaces the code of a user. Returns `false` if another user has the same code. Index `_id_`. */
  async replace(userId: string, hashes: LinkCodeHashes, expiresAt: number): Promise<boolean> {
    const hash = hashes.length === 1 ? hashes[0] : [...hashes];
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
  async ownerOf(
    hashes: LinkCodeHashes,
    now: number,
    transaction: Transaction,
  ): Promise<string | null> {
    const found = await this.#codes.findOne(
      { hash: { $in: [...hashes] }, expiresAt: { $gt: new Date(now) } },
      { hint: 'code', projection: { _id: 1 }, session: transaction },
    );
    return found?._id ?? null;
  }

  /** Removes the codes of users. Index `_id_`. */
  async remove(userIds: readonly string[], transaction: Transaction): Promise<void> {
    await this.#codes.deleteMany({ _id: { $in: [...userIds] } }, { session: transaction });
  }
}
