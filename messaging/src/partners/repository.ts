import { within, type Collection, type Db, type Transaction } from '@parley/backend-common';

/** Two people who are linked. */
export interface Partnership {
  readonly _id: string;
  readonly userIds: readonly [string, string];
  readonly linkedAt: number;
}

/** Writes and reads `partnerships`; the index `people` lets nobody have two. */
export class PartnershipRepository {
  readonly #partnerships: Collection<Partnership>;

  constructor(db: Db) {
    this.#partnerships = db.collection<Partnership>('partnerships');
  }

  /** A partnership of one of the people at least, or `null`; index `people`. */
  async findOf(userIds: readonly string[], transaction?: Transaction): Promise<Partnership | null> {
    return this.#partnerships.findOne(
      { userIds: { $in: [...userIds] } },
      { hint: 'people', ...within(transaction) },
    );
  }

  /** Stores a partnership; the transaction ends where one of the two has another. Index `people`. */
  async create(partnership: Partnership, transaction: Transaction): Promise<void> {
    await this.#partnerships.insertOne(partnership, { session: transaction });
  }

  /** Removes a partnership. Index `_id_`. */
  async remove(id: string, transaction: Transaction): Promise<void> {
    await this.#partnerships.deleteOne({ _id: id }, { session: transaction });
  }
}
