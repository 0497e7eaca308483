import { isDuplicateKey, type Collection, type Db } from '@parley/backend-common';

/** Recent attempts of one user or one network address. */
interface LinkAttemptDocument {
  /** Keyed hash of the user id or of the address. */
  _id: string;
  /** The attempts. */
  guesses: { readonly at: number; readonly id: string }[];
  /** TTL. */
  removeAt: Date;
}

/** At most `most` attempts within `within` milliseconds. */
export interface AttemptLimit {
  readonly most: number;
  readonly within: number;
}

/** One attempt to confirm a link code. */
export interface LinkAttempt {
  readonly id: string;
  readonly at: number;
}

/** Counts attempts in `link_guesses`: the count survives restarts and is shared by all nodes. */
export class LinkAttemptRepository {
  readonly #attempts: Collection<LinkAttemptDocument>;

  constructor(db: Db) {
    this.#attempts = db.collection<LinkAttemptDocument>('link_guesses');
  }

  /** Counts an attempt atomically. Returns the milliseconds to wait, or 0 if it is allowed. Index `_id_`. */
  async take(
    key: string,
    { most, within }: AttemptLimit,
    { at, id }: LinkAttempt,
  ): Promise<number> {
    const all = { $ifNull: ['$guesses', []] };
    const recent = {
      $filter: { input: all, as: 'guess', cond: { $gt: ['$$guess.at', at - within] } },
    };
    const withThis = {
      $cond: [
        { $lt: [{ $size: '$guesses' }, most] },
        { $concatArrays: ['$guesses', [{ at, id }]] },
        '$guesses',
      ],
    };
    const steps = [
      { $set: { guesses: recent } },
      { $set: { guesses: withThis, removeAt: new Date(at + within) } },
    ];
    const { guesses } = await this.#upsert(key, steps);
    if (guesses.some((attempt) => attempt.id === id)) return 0;
    return Math.max(1, (guesses[0]?.at ?? at) + within - at);
  }

  /** Removes an attempt from the count: the code was right, or was never compared. Index `_id_`. */
  async withdraw(key: string, { id }: LinkAttempt): Promise<void> {
    await this.#attempts.updateOne({ _id: key }, { $pull: { guesses: { id } } });
  }

  async #upsert(key: string, steps: object[]): Promise<LinkAttemptDocument> {
    const run = async () => {
      const stored = await this.#attempts.findOneAndUpdate({ _id: key }, steps, {
        upsert: true,
        returnDocument: 'after',
      });
      if (stored === null) throw new Error('The link attempt was not counted');
      return stored;
    };
    try {
      return await run();
    } catch (error) {
      // Two first attempts at the same time: the other one created the document.
      if (isDuplicateKey(error)) return run();
      throw error;
    }
  }
}
