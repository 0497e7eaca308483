import type { Collection, Db, LeaseTime, Transaction } from '@parley/backend-common';
import { blockIdOf, type BlockDocument } from '@parley/backend-common/domain';
import { DAY } from '@parley/common';
import type { Block } from '@parley/common/contract';

/** How long an ended block is kept, so that other nodes see the change when they poll. */
const KEPT_AFTER_END = DAY;

/** Writes `blocks`, and reads the blocks that one user has made. */
export class BlockRepository {
  readonly #blocks: Collection<BlockDocument>;
  readonly #time: LeaseTime;

  constructor(db: Db, time: LeaseTime = () => '$$NOW') {
    this.#blocks = db.collection<BlockDocument>('blocks');
    this.#time = time;
  }

  /** The users whom a user blocks, the latest block first; index `own`. */
  async list(userId: string): Promise<Block[]> {
    const found = await this.#blocks
      .find({ userId, active: true })
      .hint('own')
      .project<Pick<BlockDocument, 'blockedId' | 'blockedAt'>>({ blockedId: 1, blockedAt: 1 })
      .toArray();
    const blocks = found.map(({ blockedAt, blockedId }) => ({ userId: blockedId, blockedAt }));
    return blocks.sort((one, other) => other.blockedAt - one.blockedAt);
  }

  /** Whether a user blocks another. Index `_id_`. */
  async has(userId: string, blockedId: string, transaction: Transaction): Promise<boolean> {
    const found = await this.#blocks.findOne(
      { _id: blockIdOf(userId, blockedId), active: true },
      { projection: { _id: 1 }, session: transaction },
    );
    return found !== null;
  }

  /** The number of users whom a user blocks; covered by index `own`. */
  count(userId: string, transaction: Transaction): Promise<number> {
    return this.#blocks.countDocuments(
      { userId, active: true },
      { hint: 'own', session: transaction },
    );
  }

  /** Stores a block. Index `_id_`. */
  async add(
    { blockedAt, blockedId, userId }: Omit<BlockDocument, '_id' | 'active' | 'changedAt'>,
    transaction: Transaction,
  ): Promise<void> {
    await this.#blocks.updateOne(
      { _id: blockIdOf(userId, blockedId) },
      [
        { $set: { userId, blockedId, blockedAt, active: true, changedAt: this.#time() } },
        { $unset: 'removeAt' },
      ],
      { upsert: true, session: transaction },
    );
  }

  /** Marks a block as ended, if there is one. Index `_id_`. */
  async remove(userId: string, blockedId: string): Promise<void> {
    await this.#blocks.updateOne({ _id: blockIdOf(userId, blockedId), active: true }, [
      {
        $set: {
          active: false,
          changedAt: this.#time(),
          removeAt: { $add: [this.#time(), KEPT_AFTER_END] },
        },
      },
    ]);
  }
}
