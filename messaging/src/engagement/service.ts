import type { EngagementDay, OperationInput, OperationOutput } from '@parley/common/contract';

import { repliesOf, replyQuantile } from './day-counts.ts';
import type { DayRepository } from './day-repository.ts';
import { dayOfText, textOfDay } from './days.ts';
import type { DayDocument } from './documents.ts';

/** Shows administrators how people use the server. The dispatcher has checked that the caller is one. */
export class EngagementService {
  readonly #days: Pick<DayRepository, 'between'>;

  constructor(days: Pick<DayRepository, 'between'>) {
    this.#days = days;
  }

  /** The days of a range, which the contract limits to 366. Reads one document for each. */
  async show({
    from,
    to,
  }: OperationInput<'admin:engagement'>): Promise<OperationOutput<'admin:engagement'>> {
    const days = await this.#days.between(dayOfText(from), dayOfText(to));
    return { days: days.map(toEngagementDay) };
  }
}

function toEngagementDay(stored: DayDocument): EngagementDay {
  const { _id, active, attachments, complete, conversations, messages, newPeople, returned } =
    stored;
  return {
    ...{ day: textOfDay(_id), complete, active, newPeople },
    returned: { day1: returned.day1 ?? null, day7: returned.day7 ?? null },
    ...{ messages, conversations, attachments },
    firstReply: {
      replies: repliesOf(stored),
      median: replyQuantile(stored, 0.5),
      p90: replyQuantile(stored, 0.9),
    },
  };
}
