import type { Collection, Db } from '@parley/backend-common';
import { timeOfId } from '@parley/common';

import type { MarkedDay } from './daily-marks.ts';
import type { DayCounts } from './day-counts.ts';
import { dayOf } from './days.ts';
import {
  KEPT_DAYS,
  removalOf,
  type ConversationMark,
  type CountsDocument,
  type PersonDocument,
} from './documents.ts';

/** Documents written in one command. */
const BATCH = 500;

/** Writes what engagement is counted from. Each write can be repeated and then changes nothing. */
export class RecordRepository {
  readonly #people: Collection<PersonDocument>;
  readonly #conversations: Collection<ConversationMark>;
  readonly #counts: Collection<CountsDocument>;
  readonly #processId: string;

  /** @param processId - identifies this process, and never another one */
  constructor(db: Db, processId: string) {
    this.#people = db.collection<PersonDocument>('engagement_people');
    this.#conversations = db.collection<ConversationMark>('engagement_conversations');
    this.#counts = db.collection<CountsDocument>('engagement_counts');
    this.#processId = processId;
  }

  /** Records that users were active on a day. Index `_id_`. */
  async markPeople({ day, ids }: MarkedDay): Promise<void> {
    const update = { $addToSet: { days: day }, $max: { removeAt: removalOf(day) } };
    for (const batch of batches(ids)) {
      await this.#people.bulkWrite(
        batch.map((_id) => ({
          updateOne: {
            filter: { _id },
            update: { ...update, $setOnInsert: { joined: dayOf(timeOfId(_id)) } },
            upsert: true,
          },
        })),
        { ordered: false },
      );
      const oldest = day - KEPT_DAYS + 1;
      await this.#people.updateMany(
        { _id: { $in: [...batch] }, days: { $lt: oldest } },
        { $pull: { days: { $lt: oldest } } },
      );
    }
  }

  /** Records that a message was sent in conversations on a day. Index `_id_`. */
  async markConversations({ day, ids }: MarkedDay): Promise<void> {
    for (const batch of batches(ids)) {
      await this.#conversations.bulkWrite(
        batch.map((conversationId) => ({
          updateOne: {
            filter: { _id: `${day}:${conversationId}` },
            update: { $setOnInsert: { day, removeAt: removalOf(day) } },
            upsert: true,
          },
        })),
        { ordered: false },
      );
    }
  }

  /** Replaces what this process has counted on a day so far. Index `_id_`. */
  async storeCounts(day: number, counts: DayCounts): Promise<void> {
    await this.#counts.updateOne(
      { _id: `${day}:${this.#processId}` },
      { $set: { ...counts, day, removeAt: removalOf(day) } },
      { upsert: true },
    );
  }
}

function batches(ids: readonly string[]): (readonly string[])[] {
  return Array.from({ length: Math.ceil(ids.length / BATCH) }, (_, index) =>
    ids.slice(index * BATCH, (index + 1) * BATCH),
  );
}
