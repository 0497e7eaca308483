import type { Collection, Db } from '@parley/backend-common';

interface PresenceDocument {
  /** User id. */
  _id: string;
  lastSeenAt: number;
}

/** People written in one command. */
const BATCH = 1_000;

/** Reads and writes `presence`: when people were last there. */
export class PresenceRepository {
  readonly #presence: Collection<PresenceDocument>;

  constructor(db: Db) {
    this.#presence = db.collection<PresenceDocument>('presence');
  }

  /** When people were last there; nobody who never was. Index `_id_`. */
  async lastSeen(userIds: readonly string[]): Promise<Map<string, number>> {
    const found = await this.#presence.find({ _id: { $in: [...userIds] } }).toArray();
    return new Map(found.map(({ _id, lastSeenAt }) => [_id, lastSeenAt]));
  }

  /** Records that people were there at `at`; never goes back. Index `_id_`. */
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
