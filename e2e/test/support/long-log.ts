import type { Page } from 'playwright-core';

import { call, PlainClient, register, type Account } from './plain-client.ts';

/** Messages that one of the two sends before it is the other's turn. */
const TURN = 100;
const WORDS = [0, 0, 1, 3, 0, 12, 2, 0, 40, 5];

/** A message that begins with its number and is one to many lines long. */
const textOf = (number: number) =>
  `${number}. ${'and some more words '.repeat(WORDS[number % WORDS.length]!)}`.trim();

/** Two people with a direct conversation, and its id. */
export interface LongConversation {
  readonly id: string;
  readonly people: readonly [ann: Account, ben: Account];
}

/** A conversation with messages numbered from 1 to `size` (a multiple of 100), of which all but the last `unread` are read. */
export async function longConversation(
  origin: string,
  size: number,
  unread = 0,
): Promise<LongConversation> {
  const people = [await register(origin, 'Ann'), await register(origin, 'Ben')] as const;
  const clients = people.map(({ token }) => new PlainClient(origin, token, { sync: 'heads' }));
  await Promise.all(clients.map((client) => client.until(() => client.saw('ready'))));
  const input = { kind: 'direct', userId: people[1].userId };
  const { id } = await clients[0]!.request('conversation:create', input);
  for (let before = 0; before < size; before += TURN) {
    const turn = Array.from({ length: TURN }, (_, index) => before + index + 1);
    const sender = clients[(before / TURN) % 2]!;
    const send = (number: number) =>
      sender.request('message:send', {
        conversationId: id,
        clientId: `m${number}`,
        text: textOf(number),
      });
    await Promise.all(turn.map(send));
  }
  for (const client of clients) client.close();
  for (const { token } of people) {
    const path = `/conversations/${id}/receipts/read`;
    await call(origin, { method: 'PUT', path, token, body: { seq: size + 1 - unread } });
  }
  return { id, people };
}

/** What was seen on a walk through the log. */
export interface Walk {
  /** First and last number that stood in the log at the end. */
  readonly first: number;
  readonly last: number;
  /** Largest number of rows that were drawn at a time. */
  readonly rows: number;
  /** Where a message did not follow the one before it. */
  readonly faults: readonly string[];
}

/** Scrolls the log to one end of what is loaded, again and again, until the message with a number stands there. */
export function walkTo(page: Page, goal: number): Promise<Walk> {
  return page.getByRole('log').evaluate(async (log, wanted) => {
    let rows = 0;
    const faults = new Set<string>();
    for (;;) {
      const numbers = [...log.querySelectorAll('[role=article] .bubble-text')].map((bubble) =>
        parseInt(bubble.textContent),
      );
      rows = Math.max(rows, log.querySelectorAll('.timeline-row').length);
      numbers.forEach((number, index) => {
        const before = numbers[index - 1] ?? number - 1;
        if (number !== before + 1) faults.add(`${before}, ${number}`);
      });
      const [first, last] = [numbers[0] ?? 0, numbers.at(-1) ?? 0];
      if (first <= wanted && wanted <= last) return { first, last, rows, faults: [...faults] };
      log.scrollTop = wanted < first ? 0 : log.scrollHeight;
      await new Promise(requestAnimationFrame);
    }
  }, goal);
}

/**
 * Scrolls the log up by small steps and answers the most pixels by which a message stood elsewhere than
 * the step put it, in any frame after it: while rows are measured and older pages load above.
 */
export function jumpsWhileReading(page: Page, steps: number): Promise<number> {
  return page.getByRole('log').evaluate(async (log, count) => {
    let worst = 0;
    for (let step = 0; step < count; step += 1) {
      const top = log.getBoundingClientRect().top;
      const anchor = [...log.querySelectorAll('[role=article]')].find(
        (article) => article.getBoundingClientRect().top >= top,
      )!;
      const expected = anchor.getBoundingClientRect().top + 200;
      log.scrollTop -= 200;
      for (let frame = 0; frame < 6; frame += 1) {
        await new Promise(requestAnimationFrame);
        worst = Math.max(worst, Math.abs(anchor.getBoundingClientRect().top - expected));
      }
    }
    return worst;
  }, steps);
}
