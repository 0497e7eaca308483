import type { Collection, Db } from '@parley/backend-common';

interface PresenceDocument {
  /** User id. */
  _id: string;
  lastSeenAt: number;
}

/** Users written in one command. */
const BATCH = 1_000;

/** Reads and writes `presence`: when users were last online. */
export class PresenceRepository {
  readonly #presence: Collection<PresenceDocument>;

  constructor(db: Db) {
    this.#presence = db.collection<PresenceDocument>('presence');
  }

  /** When users were last online; without those who never were. Index `_id_`. */
  async lastSeen(userIds: readonly string[]): Promise<Map<string, number>> {
    // One command, however many they are: by default the first answer has 101.
    const batch = { batchSize: userIds.length + 1 };
    const found = await this.#presence.find({ _id: { $in: [...userIds] } }, batch).toArray();
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
