import type { Collection, Db } from '@parley/backend-common';

interface PresenceDocument {
  /** User id. */
  _id: string;
  lastSeenAt: number;
}

interface LastSeen {
  readonly ids: readonly string[];
  /** In the order of `ids`. */
  readonly times: readonly number[];
}

/** Users written in one command. */
const BATCH = 1_000;

/** Reads and writes `presence`: when users were last online. */
export class PresenceRepository {
  readonly #presence: Collection<PresenceDocument>;

  constructor(db: Db) {
    this.#presence = db.collection<PresenceDocument>('presence');
  }

  /**
   * When users were last online; without those who never were. Index `_id_`. All come in one document, which costs the
   * node less than one for each.
   */
  async lastSeen(userIds: readonly string[]): Promise<Map<string, number>> {
    const found = this.#presence.aggregate<LastSeen>([
      { $match: { _id: { $in: [...userIds] } } },
      { $group: { _id: null, ids: { $push: '$_id' }, times: { $push: '$lastSeenAt' } } },
    ]);
    const [{ ids, times } = { ids: [], times: [] }] = await found.toArray();
    return new Map(ids.map((id, index) => [id, times[index] ?? 0]));
  }

  /** Records that users were online at `at`, unless a later time is stored. Index `_id_`. */
  async raise(userIds: readonly string[], at: number): Promise<void> {
    for (let from = 0; from < userIds.length; from += BATCH) {
      await this.#presence.bulkWrite(
        userIds.slice(from, from + BATCH).map((_id) => ({
          updateOne: { filter: { _id }, update: { $max: { lastSeenAt: at } }, upsert: true },
        })),
        { ordered: false },
      );
    }
  }
}
