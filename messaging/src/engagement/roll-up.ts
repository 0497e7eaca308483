import { DAY, MINUTE, type Now } from '@parley/common';

import type { DayRepository } from './day-repository.ts';
import { dayOf } from './days.ts';
import { KEPT_DAYS } from './documents.ts';

interface RollUpDeps {
  readonly days: DayRepository;
  readonly now: Now;
}

/** Milliseconds from the end of a day until it is complete: by then every node has written what it recorded. */
const COMPLETE_AFTER = 10 * MINUTE;
/** Days before today that can still be counted with the month before them. */
const CATCH_UP = KEPT_DAYS - 30;

/** Counts the days that are not complete, today included. A day that is counted again has the same result. */
export class RollUp {
  readonly #deps: RollUpDeps;

  constructor(deps: RollUpDeps) {
    this.#deps = deps;
  }

  /** Counts each of these days. Stops between two days if the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { days, now } = this.#deps;
    const today = dayOf(now());
    const stored = await days.between(today - CATCH_UP, today);
    const lastComplete = stored.findLast(({ complete }) => complete);
    const first = lastComplete === undefined ? stored[0]?._id : lastComplete._id + 1;
    for (let day = first ?? today; day <= today; day += 1) {
      if (signal.aborted) return;
      await this.#count(day);
    }
  }

  async #count(day: number): Promise<void> {
    const { days, now } = this.#deps;
    const complete = now() >= (day + 1) * DAY + COMPLETE_AFTER;
    const { returned, ...people } = await days.peopleOf(day);
    const conversations = await days.conversationsOf(day);
    const counts = await days.countsOf(day);
    // Before the day is stored as complete, because a complete day is not counted again after a crash.
    if (complete) await days.storeReturned(day, returned);
    await days.store({ _id: day, complete, ...people, conversations, ...counts });
    if (complete) await days.removeRecords(day);
  }
}
