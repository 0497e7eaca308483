import assert from 'node:assert/strict';
import type { RunningService } from '@parley/backend-common';
import { testRedisUrl } from '@parley/backend-common/testing';
import type { MessageEntry } from '@parley/common/contract';

import { call, collected } from '../../support/connections.ts';
import { metric } from '../../support/http.ts';
import type { Person } from '../../support/people.ts';
import { TestStack } from '../../support/stack.ts';
import { until } from '../../support/until.ts';

const MESSAGES = 300;
const IN_PROGRESS = 10;

describe('three nodes that write to one conversation', () => {
  let stack: TestStack;
  let nodes: RunningService[];

  before(async () => {
    stack = await TestStack.create();
    const env = { REDIS_URL: testRedisUrl(), PARLEY_RATE_LIMITS: 'off', METRICS_PORT: '0' };
    nodes = [await stack.node(env), await stack.node(env), await stack.node(env)];
  });
  after(() => stack.close());

  const total = async (name: string, labels?: string) => {
    const values = nodes.map(({ metricsUrl }) => metric(metricsUrl, name, labels));
    return (await Promise.all(values)).reduce((sum, value) => sum + value, 0);
  };

  it('acknowledge and deliver every message once and in order, and seldom collide', async () => {
    const people: [Person, ...Person[]] = [
      await stack.people.create(),
      await stack.people.create(),
      await stack.people.create(),
    ];
    const conversationId = await stack.group(nodes[0]!.url, people);
    const sockets = await Promise.all(
      people.map((person, index) => stack.connections.open(nodes[index]!.url, person)),
    );
    await Promise.all(sockets.map((socket) => call(socket, 'sync')));
    const events = sockets.map((socket) => collected(socket, 'entry'));

    const acks = await Promise.all(
      sockets.map(async (socket) => {
        const entries: MessageEntry[] = [];
        let next = 0;
        const lane = async () => {
          while (next < MESSAGES) {
            const index = next;
            next += 1;
            const input = { conversationId, clientId: `${index}`, text: `${index}` };
            entries[index] = (await call(socket, 'message:send', input)) as MessageEntry;
          }
        };
        await Promise.all(Array.from({ length: IN_PROGRESS }, lane));
        return entries;
      }),
    );

    const seqs = acks.flat().map(({ seq }) => seq);
    assert.deepEqual(
      seqs.toSorted((one, other) => one - other),
      Array.from({ length: 3 * MESSAGES }, (_, index) => index + 2),
    );
    for (const own of acks) {
      const order = own.map(({ seq }) => seq);
      assert.deepEqual(
        order,
        order.toSorted((one, other) => one - other),
      );
    }
    await until(() => events.every(({ length }) => length >= 2 * MESSAGES));
    for (const [index, seen] of events.entries()) {
      const foreign = acks.flatMap((own, sender) => (sender === index ? [] : own));
      assert.deepEqual(
        seen.map(({ seq }) => seq),
        foreign.map(({ seq }) => seq).toSorted((one, other) => one - other),
      );
    }
    const conflicts = await total('parley_log_conflicts_total');
    assert.ok(conflicts < 0.1 * seqs.length, `${conflicts} conflicts`);
    const forwarded = await total('parley_log_forwarded_total', 'outcome="written"');
    assert.ok(forwarded > 0.3 * seqs.length, `${forwarded} forwarded`);
  });
});
