import { isDuplicateKey, type Collection, type Db } from '@parley/backend-common';
import { DAY, SECOND, type RateLimit } from '@parley/common';

/** A bucket of attempts, stored by a keyed hash of what it counts. */
interface LimitDocument {
  _id: string;
  /** When the bucket is full again: the state of the generic cell rate algorithm (ITU-T I.371). */
  fullAt: number;
  /** Whether the last call of `take` got a token. */
  taken: boolean;
  /** TTL. */
  removeAt: Date;
}

/** An address from which an account has been logged in to. */
interface PlaceDocument {
  _id: string;
  removeAt: Date;
}

/** How long an address stays known after the last login from it. */
const PLACE_KEPT = 90 * DAY;

/** Counts attempts and remembers known addresses in MongoDB, so that a restart forgets neither. */
export class ThrottleRepository {
  readonly #limits: Collection<LimitDocument>;
  readonly #places: Collection<PlaceDocument>;

  constructor(db: Db) {
    this.#limits = db.collection<LimitDocument>('login_limits');
    this.#places = db.collection<PlaceDocument>('login_places');
  }

  /** Takes one token in one step. Returns the milliseconds to wait, 0 if there was one. Index `_id_`. */
  async take(key: string, limit: RateLimit, now: number): Promise<number> {
    const interval = intervalOf(limit);
    const room = limit.burst * interval;
    const next = { $add: [{ $max: [{ $ifNull: ['$fullAt', 0] }, now] }, interval] };
    const steps = [
      { $set: { next } },
      { $set: { taken: { $lte: ['$next', now + room] } } },
      { $set: { fullAt: { $cond: ['$taken', '$next', '$fullAt'] } } },
      { $set: { removeAt: { $toDate: { $toLong: '$fullAt' } } } },
      { $unset: 'next' },
    ];
    const document = await this.#upsert(key, steps);
    if (document === null || document.taken) return 0;
    return Math.ceil(document.fullAt + interval - room - now);
  }

  /** Gives one token back. */
  async giveBack(key: string, limit: RateLimit): Promise<void> {
    await this.#limits.updateOne({ _id: key }, { $inc: { fullAt: -intervalOf(limit) } });
  }

  /** Forgets what was counted under the key. */
  async reset(key: string): Promise<void> {
    await this.#limits.deleteOne({ _id: key });
  }

  /** Whether a user has logged in from this place: the keyed hash of an account and an address. Index `_id_`. */
  async isKnown(place: string, now: number): Promise<boolean> {
    const found = await this.#places.findOne({ _id: place, removeAt: { $gt: new Date(now) } });
    return found !== null;
  }

  async remember(place: string, now: number): Promise<void> {
    const removeAt = new Date(now + PLACE_KEPT);
    await this.#places.updateOne({ _id: place }, { $set: { removeAt } }, { upsert: true });
  }

  async #upsert(key: string, steps: object[]): Promise<LimitDocument | null> {
    const run = () =>
      this.#limits.findOneAndUpdate({ _id: key }, steps, {
        upsert: true,
        returnDocument: 'after',
      });
    try {
      return await run();
    } catch (error) {
      // Two first attempts at the same time: the other one has inserted the document.
      if (isDuplicateKey(error)) return run();
      throw error;
    }
  }
}

/** Milliseconds from one token to the next, an integer, so that sums are exact. */
function intervalOf(limit: RateLimit): number {
  return Math.round(SECOND / limit.perSecond);
}
