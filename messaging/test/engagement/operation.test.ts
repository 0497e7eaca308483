import assert from 'node:assert/strict';
import { plansOf, testRedisUrl } from '@parley/backend-common/testing';
import { DAY, HOUR, timeOfId } from '@parley/common';
import type { EngagementDay } from '@parley/common/contract';
import type { RunningService } from '@parley/backend-common';
import type { Socket } from 'socket.io-client';

import { noCounts } from '../../src/engagement/day-counts.ts';
import { DayRepository } from '../../src/engagement/day-repository.ts';
import { dayOf, dayOfText } from '../../src/engagement/days.ts';
import type { CountsDocument, DayDocument } from '../../src/engagement/documents.ts';
import { call, collected } from '../support/connections.ts';
import { request } from '../support/http.ts';
import type { Person } from '../support/people.ts';
import { TestStack } from '../support/stack.ts';
import { newId } from '../support/test-log.ts';
import { until } from '../support/until.ts';

describe('admin:engagement', () => {
  let stack: TestStack;
  let node: RunningService;
  let boss: Person;
  let ann: Person;
  let now: number;

  before(async () => {
    stack = await TestStack.create();
    [boss, ann] = [await stack.people.create(), await stack.people.create()];
    // At noon, so that the day after it is over for long enough.
    now = dayOf(timeOfId(ann.userId)) * DAY + 12 * HOUR;
    node = await stack.node({ PARLEY_ADMINS: boss.userId }, { now: () => now });
  });
  after(() => stack.close());

  const ask = (query: string, as: Person = boss) =>
    request(`${node.url}/admin/engagement${query}`, { as });

  it('is refused to everybody but administrators, whatever they ask', async () => {
    for (const query of ['?from=2026-01-01&to=2026-01-02', '', '?from=x']) {
      const refused = await ask(query, ann);
      assert.equal(refused.status, 403);
      assert.equal((refused.body as { code: string }).code, 'forbidden');
    }
    const { body, status } = await request(`${node.url}/admin/engagement`);
    assert.equal(status, 401);
    assert.equal((body as { code: string }).code, 'unauthenticated');
  });

  it('refuses ranges that are not days, backwards or too long', async () => {
    for (const query of [
      ...['', '?from=2026-01-01', '?from=2026-1-1&to=2026-01-02', '?from=2026-02-30&to=2026-03-01'],
      ...['?from=2026-01-02&to=2026-01-01', '?from=2026-01-01&to=2027-01-02'],
      ...['?from=2026-01-01&to=2026-01-02&userId=1', '?from=1&to=2'],
    ]) {
      const { body, status } = await ask(query);
      assert.equal(status, 400, query);
      assert.equal((body as { code: string }).code, 'invalid_input');
    }
    assert.equal((await ask('?from=2026-01-01&to=2027-01-01')).status, 200);
  });

  it('reads one document for each day, also of a year', async () => {
    const first = dayOfText('2024-01-01');
    const documents = Array.from({ length: 500 }, (_, index): DayDocument => {
      const active = { day: 40_000 + index, week: 70_000, month: 100_000 };
      const rest = { newPeople: 10, conversations: 9, returned: { day1: 5 } };
      return {
        _id: first + index,
        complete: true,
        active,
        ...rest,
        ...noCounts(),
        messages: index,
      };
    });
    await stack.mongo.db.collection<DayDocument>('engagement_days').insertMany(documents);
    const plans = await plansOf(stack.mongo.db, () =>
      new DayRepository(stack.mongo.db).between(first, first + 365),
    );
    const own = plans.filter(({ name }) => name.includes('engagement_days'));
    assert.deepEqual(
      own.map(({ docsExamined, indexes }) => ({ docsExamined, index: indexes[0] })),
      [{ docsExamined: 366, index: '_id_' }],
    );
    const { body } = await ask('?from=2024-01-01&to=2024-12-31');
    const { days } = body as { days: EngagementDay[] };
    assert.equal(days.length, 366);
    assert.equal(days.at(-1)?.day, '2024-12-31');
    assert.equal(days.at(-1)?.messages, 365);
    const [earliest] = days;
    assert.ok(earliest);
    assert.deepEqual(earliest.returned, { day1: 5, day7: null });
    assert.deepEqual(earliest.firstReply, { replies: 0, median: null, p90: null });
  });

  it('shows what was sent through a node after it has stopped', async () => {
    const conversationId = await stack.direct(node.url, boss, ann);
    for (const as of [boss, ann]) {
      const body = { clientId: newId(), text: 'Hello' };
      const path = `${node.url}/conversations/${conversationId}/messages`;
      assert.equal((await request(path, { method: 'POST', as, body })).status, 200);
    }
    await node.close();
    now += DAY;
    node = await stack.node({ PARLEY_ADMINS: boss.userId }, { now: () => now });
    const from = new Date(now - DAY).toISOString().slice(0, 10);
    const yesterday = async (): Promise<EngagementDay | undefined> => {
      const { body } = await ask(`?from=${from}&to=${from}`);
      return (body as { days: EngagementDay[] }).days[0];
    };
    await until(async () => (await yesterday())?.complete === true);
    const day = await yesterday();
    assert.ok(day);
    assert.equal(day.messages, 2);
    assert.equal(day.conversations, 1);
    assert.equal(day.active.day, 2);
    assert.equal(day.newPeople, 2);
    assert.equal(day.firstReply.replies, 1);
  });

  it('counts a reply to a message of another node', async () => {
    await node.close();
    const options = { PARLEY_ADMINS: boss.userId, REDIS_URL: testRedisUrl() };
    const nodes = [await stack.node(options), await stack.node(options)] as const;
    const conversationId = await stack.direct(nodes[0].url, boss, ann);
    const [ofBoss, ofAnn] = [
      await stack.connections.open(nodes[0].url, boss, { sync: 'heads' }),
      await stack.connections.open(nodes[1].url, ann, { sync: 'heads' }),
    ];
    for (const socket of [ofBoss, ofAnn]) await call(socket, 'sync');
    const arrived = [ofBoss, ofAnn].map((socket) => collected(socket, 'entry'));
    const send = (from: Socket) =>
      call(from, 'message:send', { conversationId, clientId: newId(), text: 'Hello' });
    await send(ofAnn);
    await until(() => arrived[0]?.length === 1);
    await send(ofBoss);
    // The node of the next message has got this one as an event, and need not read the log.
    await until(() => arrived[1]?.length === 1);
    await send(ofAnn);
    for (const each of nodes) await each.close();
    node = await stack.node({ PARLEY_ADMINS: boss.userId });
    const counts = stack.mongo.db.collection<CountsDocument>('engagement_counts');
    const today = await counts.find({ day: dayOf(Date.now()) }).toArray();
    const replies = today.flatMap((each) => each.replies);
    assert.equal(
      replies.reduce((sum, count) => sum + count, 0),
      2,
    );
  });
});
