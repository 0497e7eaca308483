import { z } from 'zod';

import { LIMITS } from '../limits.ts';
import { DAY } from '../time.ts';
import { operation } from './operation.ts';

const date = z.iso.date().describe('A day in UTC, as `2026-01-31`.');
const count = z.int().min(0);
const seconds = z.number().min(0).nullable();

const engagementDay = z
  .object({
    day: date,
    complete: z
      .boolean()
      .describe('Whether the day is over and its numbers do not change any more.'),
    active: z
      .object({
        day: count.describe('People who were active on the day.'),
        week: count.describe('People who were active in the seven days that end with the day.'),
        month: count.describe('People who were active in the 30 days that end with the day.'),
      })
      .describe('People who opened a connection, sent a message or read one.'),
    newPeople: count.describe('People who registered on the day and were active on it.'),
    returned: z
      .object({
        day1: count.nullable().describe('`null` until the day after is over.'),
        day7: count.nullable().describe('`null` until the seventh day after is over.'),
      })
      .describe('How many of the new people were active one day and seven days later.'),
    messages: count.describe('Messages sent.'),
    conversations: count.describe('Conversations in which a message was sent.'),
    attachments: z
      .object({ image: count, video: count, audio: count, file: count })
      .describe('Messages with an attachment, by its kind.'),
    firstReply: z
      .object({
        replies: count.describe('The replies that were measured.'),
        median: seconds.describe('Seconds, estimated from a histogram; `null` without replies.'),
        p90: seconds.describe('Seconds within which nine of ten replies came, estimated.'),
      })
      .describe(
        "Time from the first of a person's messages in a row until the next message of another person in the conversation, if it came within a day.",
      ),
  })
  .meta({ id: 'EngagementDay', description: 'How people used the server on one day (UTC).' });
/** How people used the server on one day (UTC). */
export type EngagementDay = z.infer<typeof engagementDay>;

const range = z
  .strictObject({ from: date, to: date })
  .refine(({ from, to }) => from <= to, { path: ['to'], message: 'Must not be before `from`' })
  .refine(({ from, to }) => daysBetween(from, to) < LIMITS.engagementDays, {
    path: ['to'],
    message: `At most ${LIMITS.engagementDays} days`,
  });

/** Operations on how people use the server. */
export const engagementOperations = {
  'admin:engagement': operation({
    name: 'admin:engagement',
    tag: 'Administration',
    summary: 'See how many people use the server, day by day',
    description: `The days from \`from\` to \`to\`, both included, in ascending order; at most ${LIMITS.engagementDays}. Days before the server began to count are missing. Today is refreshed every ten minutes. Only numbers: nothing says who was active or what was written. For administrators only. Since revision 12.`,
    http: { method: 'GET', path: '/admin/engagement' },
    limit: 'read',
    errors: ['forbidden'],
    input: range,
    output: z.object({ days: z.array(engagementDay) }),
    example: {
      input: { from: '2026-01-01', to: '2026-01-01' },
      output: {
        days: [
          {
            ...{ day: '2026-01-01', complete: true, newPeople: 12 },
            active: { day: 840, week: 1_310, month: 2_050 },
            returned: { day1: 7, day7: null },
            ...{ messages: 15_230, conversations: 1_911 },
            attachments: { image: 320, video: 14, audio: 51, file: 77 },
            firstReply: { replies: 4_300, median: 42, p90: 1_260 },
          },
        ],
      },
    },
  }),
} as const;

function daysBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / DAY;
}
