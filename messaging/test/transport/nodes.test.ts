import assert from 'node:assert/strict';
import type { RunningService } from '@parley/backend-common';
import { testRedisUrl } from '@parley/backend-common/testing';
import type { Socket } from 'socket.io-client';

import { call, collected, heard } from '../support/connections.ts';
import type { Person } from '../support/people.ts';
import { TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

describe('two nodes', () => {
  let stack: TestStack;
  let nodes: [RunningService, RunningService];

  before(async () => {
    stack = await TestStack.create();
    const env = { REDIS_URL: testRedisUrl(), PARLEY_RATE_LIMITS: 'off' };
    nodes = [await stack.node(env), await stack.node(env)];
  });
  after(() => stack.close());

  const open = async (index: 0 | 1, person: Person): Promise<Socket> => {
    const socket = await stack.connections.open(nodes[index].url, person);
    await call(socket, 'sync');
    return socket;
  };

  it('send every entry to the sockets of both, in one order, except to the sender', async () => {
    const [ann, bo] = [await stack.people.create(), await stack.people.create()];
    const conversationId = await stack.direct(nodes[0].url, ann, bo);
    const [mine, theirs] = [await open(0, ann), await open(1, bo)];
    const [atMine, atTheirs] = [collected(mine, 'entry'), collected(theirs, 'entry')];
    const each = 100;
    const acks = await Promise.all(
      Array.from({ length: 2 * each }, (_, index) =>
        call(index % 2 === 0 ? mine : theirs, 'message:send', {
          conversationId,
          clientId: `c${index}`,
          text: 'Hello',
        }),
      ),
    );
    const seqs = acks.map((entry) => (entry as { seq: number }).seq);
    assert.deepEqual(
      seqs.toSorted((one, other) => one - other),
      Array.from({ length: 2 * each }, (_, index) => index + 2),
    );
    await until(() => atMine.length === each && atTheirs.length === each);
    for (const [entries, sender] of [
      [atMine, bo],
      [atTheirs, ann],
    ] as const) {
      assert.ok(entries.every(({ senderId }) => senderId === sender.userId));
      const order = entries.map(({ seq }) => seq);
      assert.deepEqual(
        order,
        order.toSorted((one, other) => one - other),
      );
    }
  });

  it('admit and remove at once a member who is connected to the other', async () => {
    const [ann, bo] = [await stack.people.create(), await stack.people.create()];
    const conversationId = await stack.group(nodes[0].url, [ann]);
    const [owner, guest] = [await open(0, ann), await open(1, bo)];

    const added = heard(guest, 'conversation', ({ action }) => action === 'added');
    await call(owner, 'member:add', { conversationId, userIds: [bo.userId] });
    await added;
    const arrives = heard(guest, 'entry', ({ kind }) => kind === 'message');
    await call(owner, 'message:send', { conversationId, clientId: 'one', text: 'Welcome' });
    await arrives;

    const removed = heard(guest, 'conversation', ({ action }) => action === 'removed');
    await call(owner, 'member:remove', { conversationId, userId: bo.userId });
    await removed;
    const entries = collected(guest, 'entry');
    const other = await stack.direct(nodes[1].url, ann, bo);
    await call(owner, 'message:send', { conversationId, clientId: 'two', text: 'Without him' });
    const last = heard(guest, 'entry', ({ conversationId: id }) => id === other);
    await call(owner, 'message:send', { conversationId: other, clientId: 'three', text: 'Bye' });
    await last;
    assert.deepEqual([...new Set(entries.map(({ conversationId: id }) => id))], [other]);
  });

  it('send receipts to both', async () => {
    const [ann, bo] = [await stack.people.create(), await stack.people.create()];
    const conversationId = await stack.direct(nodes[0].url, ann, bo);
    const [mine, theirs] = [await open(0, ann), await open(1, bo)];
    const arrives = heard(theirs, 'entry');
    await call(mine, 'message:send', { conversationId, clientId: 'one', text: 'Hello' });
    const { seq } = await arrives;
    const receipt = heard(mine, 'receipt', ({ readSeq }) => readSeq === seq);
    await call(theirs, 'receipt:read', { conversationId, seq });
    assert.deepEqual(await receipt, {
      conversationId,
      userId: bo.userId,
      deliveredSeq: seq,
      readSeq: seq,
    });
  });
});
