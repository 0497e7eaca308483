import { isDuplicateKey, type Collection, type Db } from '@parley/backend-common';

import { addCounts, noCounts, type DayCounts } from './day-counts.ts';
import {
  removalOf,
  type ConversationMark,
  type CountsDocument,
  type DayDocument,
  type PersonDocument,
} from './documents.ts';

/** How many people were active on a day, new on it, and returned on it. */
export interface PeopleOfDay {
  readonly active: DayDocument['active'];
  readonly newPeople: number;
  /** Of the people who were new one and seven days earlier. */
  readonly returned: { readonly day1: number; readonly day7: number };
}

/** A day as it is counted on that day: it is not known yet who returns. */
export type CountedDay = Omit<DayDocument, 'returned'>;

/** Counts days from the records of the nodes, and reads and writes `engagement_days`. */
export class DayRepository {
  readonly #people: Collection<PersonDocument>;
  readonly #conversations: Collection<ConversationMark>;
  readonly #counts: Collection<CountsDocument>;
  readonly #days: Collection<DayDocument>;

  constructor(db: Db) {
    this.#people = db.collection<PersonDocument>('engagement_people');
    this.#conversations = db.collection<ConversationMark>('engagement_conversations');
    this.#counts = db.collection<CountsDocument>('engagement_counts');
    this.#days = db.collection<DayDocument>('engagement_days');
  }

  /** The days from `from` to `to`, in ascending order; the caller bounds their number. One round trip. Index `_id_`. */
  between(from: number, to: number): Promise<DayDocument[]> {
    const options = { sort: { _id: 1 }, batchSize: to - from + 2 } as const;
    return this.#days.find({ _id: { $gte: from, $lte: to } }, options).toArray();
  }

  /**
   * Counts the people of a day. Reads everybody who was active since 29 days before it, so no request may wait for it.
   * Index `ttl`.
   */
  async peopleOf(day: number): Promise<PeopleOfDay> {
    const first = day - 29;
    const pipeline = [
      { $match: { removeAt: { $gte: removalOf(first) } } },
      { $match: { days: { $elemMatch: { $gte: first, $lte: day } } } },
      {
        $group: {
          _id: null,
          day: sumOf(wasActive(day)),
          week: sumOf(wasActive(...Array.from({ length: 7 }, (_, before) => day - before))),
          month: { $sum: 1 },
          newPeople: sumOf(wasNew(day)),
          day1: sumOf({ $and: [wasNew(day - 1), wasActive(day)] }),
          day7: sumOf({ $and: [wasNew(day - 7), wasActive(day)] }),
        },
      },
    ];
    const [counted] = await this.#people
      .aggregate<Record<string, number>>(pipeline, { hint: 'ttl' })
      .toArray();
    const {
      day: active = 0,
      day1 = 0,
      day7 = 0,
      month = 0,
      newPeople = 0,
      week = 0,
    } = counted ?? {};
    return { active: { day: active, week, month }, newPeople, returned: { day1, day7 } };
  }

  /** Number of conversations in which a message was sent on a day. Covered by index `day`. */
  conversationsOf(day: number): Promise<number> {
    return this.#conversations.countDocuments({ day }, { hint: 'day' });
  }

  /** What all processes have counted on a day. Index `day`. */
  async countsOf(day: number): Promise<DayCounts> {
    const total = noCounts();
    for (const counts of await this.#counts.find({ day }).hint('day').toArray()) {
      addCounts(total, counts);
    }
    return total;
  }

  /** Stores a day, unless it is complete already. Index `_id_`. */
  async store({ _id, ...fields }: CountedDay): Promise<void> {
    try {
      await this.#days.updateOne(
        { _id, complete: { $ne: true } },
        { $set: fields, $setOnInsert: { returned: {} } },
        { upsert: true },
      );
    } catch (error) {
      // Another node has completed the day meanwhile.
      if (!isDuplicateKey(error, '_id_')) throw error;
    }
  }

  /** Stores how many of the people who were new one and seven days before `day` were active on it. Index `_id_`. */
  async storeReturned(day: number, { day1, day7 }: PeopleOfDay['returned']): Promise<void> {
    await this.#days.updateOne({ _id: day - 1 }, { $set: { 'returned.day1': day1 } });
    await this.#days.updateOne({ _id: day - 7 }, { $set: { 'returned.day7': day7 } });
  }

  /** Removes what a complete day was counted from. What was recorded of people stays for later days. Index `day`. */
  async removeRecords(day: number): Promise<void> {
    await this.#conversations.deleteMany({ day });
    await this.#counts.deleteMany({ day });
  }
}

function sumOf(condition: object) {
  return { $sum: { $cond: [condition, 1, 0] } };
}

function wasActive(...days: readonly number[]): object {
  return { $gt: [{ $size: { $setIntersection: ['$days', days] } }, 0] };
}

/** Matches people who registered on a day and were active on it. */
function wasNew(day: number): object {
  return { $and: [{ $eq: ['$joined', day] }, wasActive(day)] };
}
