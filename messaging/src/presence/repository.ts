import { readPage, type Collection, type Db } from '@parley/backend-common';

interface PresenceDocument {
  /** User id. */
  _id: string;
  lastSeenAt: number;
}

/** Users written in one command. */
const BATCH = 1_000;

/** Reads and writes `presence`: when users were last online. */
export class PresenceRepository {
  readonly #db: Db;
  readonly #presence: Collection<PresenceDocument>;

  constructor(db: Db) {
    this.#db = db;
    this.#presence = db.collection<PresenceDocument>('presence');
  }

  /** When users were last online; without those who never were. Index `_id_`. */
  async lastSeen(userIds: readonly string[]): Promise<Map<string, number>> {
    if (userIds.length === 0) return new Map();
    const found = await readPage<PresenceDocument>(this.#db, {
      collection: 'presence',
      filter: { _id: { $in: [...userIds] } },
      limit: userIds.length,
    });
    return new Map(found.map(({ _id, lastSeenAt }) => [_id, lastSeenAt]));
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
