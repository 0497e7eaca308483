import { within, type Collection, type Db, type Transaction } from '@parley/backend-common';

/** Two users who are linked. */
export interface Partnership {
  readonly _id: string;
  readonly userIds: readonly [string, string];
  readonly linkedAt: number;
}

/** Reads and writes `partnerships`. The unique index `people` prevents a second partner. */
export class PartnershipRepository {
  readonly #partnerships: Collection<Partnership>;

  constructor(db: Db) {
    this.#partnerships = db.collection<Partnership>('partnerships');
  }

  /** A partnership that includes at least one of the users, or `null`; index `people`. */
  async findOf(userIds: readonly string[], transaction?: Transaction): Promise<Partnership | null> {
    return this.#partnerships.findOne(
      { userIds: { $in: [...userIds] } },
      { hint: 'people', ...within(transaction) },
    );
  }

  /** Inserts a partnership. Fails with a duplicate key (index `people`) if one of the users has another. */
  async create(partnership: Partnership, transaction: Transaction): Promise<void> {
    await this.#partnerships.insertOne(partnership, { session: transaction });
  }

  /** Removes a partnership. Index `_id_`. */
  async remove(id: string, transaction: Transaction): Promise<void> {
    await this.#partnerships.deleteOne({ _id: id }, { session: transaction });
  }
}
