import { isDuplicateKey, type Collection, type Db } from '@parley/backend-common';

/** Guesses of a person or an address, by a keyed hash of which. */
interface GuessDocument {
  _id: string;
  guesses: { readonly at: number; readonly id: string }[];
  /** TTL. */
  removeAt: Date;
}

/** How many guesses are let through, within how many milliseconds. */
export interface GuessLimit {
  readonly most: number;
  readonly within: number;
}

/** One guess. */
export interface Guess {
  readonly id: string;
  readonly at: number;
}

/** Counts guesses in `link_guesses`, so that a restart forgets none and all nodes count together. */
export class GuessRepository {
  readonly #guesses: Collection<GuessDocument>;

  constructor(db: Db) {
    this.#guesses = db.collection<GuessDocument>('link_guesses');
  }

  /** Counts a guess in one step. Answers the milliseconds to wait, 0 where it was let through. Index `_id_`. */
  async take(key: string, { most, within }: GuessLimit, { at, id }: Guess): Promise<number> {
    const all = { $ifNull: ['$guesses', []] };
    const counted = {
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
      { $set: { guesses: counted } },
      { $set: { guesses: withThis, removeAt: new Date(at + within) } },
    ];
    const { guesses } = await this.#upsert(key, steps);
    if (guesses.some((guess) => guess.id === id)) return 0;
    return Math.max(1, (guesses[0]?.at ?? at) + within - at);
  }

  /** Takes a guess back: it was right, or was never looked at. Index `_id_`. */
  async giveBack(key: string, { id }: Guess): Promise<void> {
    await this.#guesses.updateOne({ _id: key }, { $pull: { guesses: { id } } });
  }

  async #upsert(key: string, steps: object[]): Promise<GuessDocument> {
    const run = async () => {
      const stored = await this.#guesses.findOneAndUpdate({ _id: key }, steps, {
        upsert: true,
        returnDocument: 'after',
      });
      if (stored === null) throw new Error('A guess was not counted');
      return stored;
    };
    try {
      return await run();
    } catch (error) {
      // Two first guesses at once: the other one made the document.
      if (isDuplicateKey(error)) return run();
      throw error;
    }
  }
}
