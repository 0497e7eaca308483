import assert from 'node:assert/strict';
import type { RunningService } from '@parley/backend-common';
import { LIMITS, REFUSALS } from '@parley/common';
import type { Socket } from 'socket.io-client';

import { RefusalLimit } from '../../src/transport/server/refusal-limit.ts';
import { ask, call, closed } from '../support/connections.ts';
import type { Person } from '../support/people.ts';
import { sendRaw } from '../support/raw-packets.ts';
import { TestStack } from '../support/stack.ts';

describe('a client that keeps sending requests that are refused', () => {
  let stack: TestStack;
  let node: RunningService;
  const waits: number[] = [];
  const handshakeWait = (milliseconds: number) => Promise.resolve(waits.push(milliseconds));

  before(async () => {
    stack = await TestStack.create();
    node = await stack.node({}, { handshakeWait });
  });
  after(() => stack.close());

  /** Sends an event again and again without waiting. Returns how many were answered before the connection ended. */
  const flood = async (socket: Socket, ...event: [string, ...unknown[]]) => {
    let [answers, last] = [0, { code: '', retryAfterMs: 0 }];
    const end = closed(socket);
    for (let count = 0; count < 3 * REFUSALS.burst; count += 1) {
      socket.emit(...event, (answer: { ok: boolean; error: typeof last }) => {
        answers += 1;
        last = answer.error;
      });
    }
    await end;
    return { answers, last };
  };

  const hostile: Record<string, [string, ...unknown[]]> = {
    'unknown events': ['no:such:event', {}],
    'names of methods of objects': ['constructor'],
    'input that is not valid': ['message:send', { text: 1 }],
    'more arguments than one': ['sync', {}, {}],
    'more than its rate limit allows': ['conversation:list', {}],
  };
  for (const [what, event] of Object.entries(hostile)) {
    it(`is cut after a bounded number of answers: ${what}`, async () => {
      const ann = await stack.people.create();
      const socket = await stack.connections.open(node.url, ann);
      const { answers, last } = await flood(socket, ...event);
      // Some of those that are not refused are within the rate limits of the user.
      assert.ok(answers <= REFUSALS.burst + 60, `${answers} answers`);
      assert.equal(last.code, 'rate_limited');
      assert.ok(last.retryAfterMs > 0 && last.retryAfterMs <= LIMITS.shutOut);
    });
  }

  it('is cut although it sends more in one packet than is answered in one turn', async () => {
    const ann = await stack.people.create();
    const sockets = await Promise.all(
      Array.from({ length: 3 }, () => stack.connections.open(node.url, ann)),
    );
    const ended = Promise.all(sockets.map((socket) => closed(socket)));
    let answers = 0;
    for (const socket of sockets) {
      for (let count = 0; count < 1_500; count += 1) {
        sendRaw(socket, `2${count}["message:send",{"text":1}]`);
      }
      socket.io.engine.on('data', (text: unknown) => {
        if (String(text).startsWith('3')) answers += 1;
      });
    }
    await ended;
    // The answers to one socket, and the last answer to each of the others.
    assert.ok(answers <= REFUSALS.burst + 60 + sockets.length, `${answers} answers`);
  });

  it('gets an answer to everything that it may ask at once', async () => {
    const ann = await stack.people.create();
    const socket = await stack.connections.open(node.url, ann);
    const input = { conversationId: ann.userId };
    const all = Array.from({ length: 150 }, () => ask(socket, 'conversation:get', input));
    const codes = (await Promise.all(all)).map((answer) => (answer.ok ? 'ok' : answer.error.code));
    assert.deepEqual([...new Set(codes)], ['not_found']);
  });

  describe('and connects again', () => {
    let ann: Person;
    before(async () => {
      ann = await stack.people.create();
      await flood(await stack.connections.open(node.url, ann), 'no:such:event');
    });

    it('is refused with the time after which it may', async () => {
      const { data } = await stack.connections.refused(node.url, { token: ann.token });
      assert.equal(data?.code, 'rate_limited');
      assert.equal(data.retryable, true);
      assert.ok((data.retryAfterMs ?? 0) > 0);
    });

    it('waits for its turn after some more refusals', async () => {
      const attempts = () =>
        Array.from({ length: 60 }, () => stack.connections.refused(node.url, { token: ann.token }));
      await Promise.all(attempts());
      waits.length = 0;
      await Promise.all(attempts());
      assert.ok(waits.length > 0);
    });

    it('does not affect other sessions of its user', async () => {
      const other = await stack.people.logIn(ann.userId);
      await call(await stack.connections.open(node.url, other), 'conversation:list');
    });
  });

  it('is not shut out for occasional refusals', async () => {
    const socket = await stack.connections.open(node.url, await stack.people.create());
    for (let count = 0; count < 50; count += 1) await ask(socket, 'no:such:event', {});
    await call(socket, 'conversation:list');
    assert.ok(socket.connected);
  });
});

describe('the limit of refusals', () => {
  it('counts only refusals that cost the client no tokens', () => {
    const limit = new RefusalLimit(() => 0);
    for (const code of ['not_found', 'forbidden', 'conflict', 'unavailable', 'internal'] as const) {
      for (let count = 0; count < 2 * REFUSALS.burst; count += 1)
        assert.equal(limit.isExceededBy('s', code), false);
    }
  });

  it('ends after its time, and remembers a limited number of sessions', () => {
    let now = 0;
    const limit = new RefusalLimit(() => now, 20);
    for (let session = 0; session < 25; session += 1) {
      for (let count = 0; count <= REFUSALS.burst; count += 1)
        limit.isExceededBy(`s${session}`, 'unknown_operation');
    }
    assert.equal(limit.size, 20);
    assert.deepEqual([limit.remaining('s0'), limit.remaining('s24')], [0, LIMITS.shutOut]);
    now = LIMITS.shutOut;
    assert.equal(limit.remaining('s24'), 0);
  });
});
