import type { Collection, Db } from 'mongodb';

import { within, type Transaction } from '../../mongo/transactions.ts';

/** A block as stored. Only messaging writes it; every service may read it. */
export interface BlockDocument {
  /** {@link blockIdOf} both users, so that a block exists once. */
  _id: string;
  userId: string;
  blockedId: string;
  /** A block that ended stays for a while, so that nodes can ask what has changed. */
  active: boolean;
  /** Milliseconds since the epoch. */
  blockedAt: number;
  changedAt: Date;
  /** TTL, of a block that ended. */
  removeAt?: Date;
}

/** The users whom a user blocks, and who block the user. */
export interface Relations {
  readonly blocking: ReadonlySet<string>;
  readonly blockedBy: ReadonlySet<string>;
  /** Whether the sets are complete; `blockedBy` is cut for a user whom thousands block. */
  readonly isComplete: boolean;
}

/** A change of a block, and when it was. */
export interface BlockChange {
  readonly userId: string;
  readonly blockedId: string;
  readonly changedAt: number;
}

/** Blocks of one user by others that are read; beyond that, pairs are queried one by one. */
const MOST_READ = 1_000;
const NOBODY: ReadonlySet<string> = new Set();
const NO_RELATIONS: Relations = { blocking: NOBODY, blockedBy: NOBODY, isComplete: true };

type Pair = Pick<BlockDocument, 'userId' | 'blockedId'>;
const PAIR = { _id: 0, userId: 1, blockedId: 1 } as const;

/** The id of a block. */
export function blockIdOf(userId: string, blockedId: string): string {
  return `${userId}:${blockedId}`;
}

/** Reads blocks. */
export class BlockReader {
  readonly #blocks: Collection<BlockDocument>;

  constructor(db: Db) {
    this.#blocks = db.collection<BlockDocument>('blocks');
  }

  /** The blocks of users; the result has an entry for each of them. Indexes `own` and `others`, covered. */
  async relationsOf(userIds: readonly string[]): Promise<Map<string, Relations>> {
    const [own, others] = await Promise.all([this.#own(userIds), this.#others(userIds)]);
    if (others.length > MOST_READ && userIds.length > 1) return this.#oneByOne(userIds);
    const isComplete = others.length <= MOST_READ;
    const found = new Map<string, Relations>(userIds.map((userId) => [userId, NO_RELATIONS]));
    const touched = new Set([
      ...own.map(({ userId }) => userId),
      ...others.map(({ blockedId }) => blockedId),
    ]);
    for (const id of touched) {
      const blocking = own.filter(({ userId }) => userId === id).map(({ blockedId }) => blockedId);
      const blockedBy = others
        .filter(({ blockedId }) => blockedId === id)
        .map(({ userId }) => userId);
      found.set(id, { blocking: new Set(blocking), blockedBy: new Set(blockedBy), isComplete });
    }
    return found;
  }

  /** Blocks between a user and each of the others, in either direction. Index `_id_`. */
  async among(
    userId: string,
    others: readonly string[],
    transaction?: Transaction,
  ): Promise<Pair[]> {
    const ids = others.flatMap((other) => [blockIdOf(userId, other), blockIdOf(other, userId)]);
    return this.#blocks
      .find(
        { _id: { $in: ids }, active: true },
        { hint: '_id_', projection: PAIR, ...within(transaction) },
      )
      .toArray();
  }

  /** Blocks that changed after a time (milliseconds); index `changes`, covered. */
  async changedSince(time: number): Promise<BlockChange[]> {
    const found = await this.#blocks
      .find({ changedAt: { $gt: new Date(time) } })
      .hint('changes')
      .project<Pair & { changedAt: Date }>({ ...PAIR, changedAt: 1 })
      .toArray();
    return found.map((change) => ({ ...change, changedAt: change.changedAt.getTime() }));
  }

  #own(userIds: readonly string[]): Promise<Pair[]> {
    return this.#blocks
      .find({ userId: { $in: [...userIds] }, active: true })
      .hint('own')
      .project<Pair>(PAIR)
      .toArray();
  }

  #others(userIds: readonly string[]): Promise<Pair[]> {
    return this.#blocks
      .find({ blockedId: { $in: [...userIds] }, active: true })
      .hint('others')
      .limit(MOST_READ + 1)
      .project<Pair>(PAIR)
      .toArray();
  }

  async #oneByOne(userIds: readonly string[]): Promise<Map<string, Relations>> {
    const found = new Map<string, Relations>();
    for (const userId of userIds) {
      for (const [id, relations] of await this.relationsOf([userId])) found.set(id, relations);
    }
    return found;
  }
}
