import assert from 'node:assert/strict';
import type { RunningService } from '@parley/backend-common';
import { testRedisUrl } from '@parley/backend-common/testing';
import { LIMITS, MINUTE, SECOND, TYPING_DELIVERIES } from '@parley/common';

import type { ConversationState } from '../../src/log/state.ts';
import { TypingService } from '../../src/typing/service.ts';
import { call, collected, heard, refusal } from '../support/connections.ts';
import { newId } from '../support/test-log.ts';
import { TestStack } from '../support/stack.ts';

describe('typing', () => {
  let stack: TestStack;
  let here: RunningService;
  let there: RunningService;

  before(async () => {
    stack = await TestStack.create();
    const REDIS_URL = testRedisUrl();
    here = await stack.node({ REDIS_URL });
    there = await stack.node({ REDIS_URL });
  });
  after(() => stack.close());

  it('is sent to the other members of the conversation, on every node, and not to own devices', async () => {
    const [ann, bo, cleo] = await Promise.all([1, 2, 3].map(() => stack.people.create()));
    const conversationId = await stack.group(here.url, [ann!, bo!, cleo!]);
    const mine = await stack.connections.open(here.url, ann!);
    const own = [
      mine,
      await stack.connections.open(here.url, ann!),
      await stack.connections.open(there.url, ann!),
    ];
    const others = [
      await stack.connections.open(here.url, bo!),
      await stack.connections.open(there.url, cleo!),
    ];
    await Promise.all([...own, ...others].map((socket) => call(socket, 'sync')));
    const unwanted = own.map((socket) => collected(socket, 'typing'));

    const notices = others.map((socket) => heard(socket, 'typing'));
    assert.deepEqual(await call(mine, 'typing', { conversationId, typing: true }), {});
    for (const notice of await Promise.all(notices)) {
      assert.deepEqual(notice, {
        conversationId,
        userId: ann!.userId,
        typing: true,
        expiresInMs: LIMITS.typingExpires,
      });
    }
    // What came after it has arrived everywhere: so would it have.
    const after = own.map((socket) => heard(socket, 'typing'));
    await call(others[1]!, 'typing', { conversationId, typing: true });
    await Promise.all(after);
    assert.deepEqual(
      unwanted.map((notices) => notices.map(({ userId }) => userId)),
      own.map(() => [cleo!.userId]),
    );
  });

  it('is refused to users who are not members, as if the conversation did not exist', async () => {
    const [ann, bo] = [await stack.people.create(), await stack.people.create()];
    const conversationId = await stack.group(here.url, [ann]);
    const socket = await stack.connections.open(here.url, bo);
    for (const id of [conversationId, newId()]) {
      const input = { conversationId: id, typing: true };
      assert.equal(await refusal(socket, 'typing', input), 'not_found');
    }
  });
});

describe('typing notices', () => {
  const conversationId = 'c';
  const state = {
    conversationId,
    seq: 1,
    membership: { members: new Map([['ann', {}]]) },
  } as unknown as ConversationState;

  it('are sent at most every 2 s for each socket; others are dropped silently', async () => {
    let time = 0;
    const passed: boolean[] = [];
    const typing = new TypingService({
      log: { state: () => Promise.resolve(state) },
      events: { toConversation: (_to, _name, { typing: is }: never) => void passed.push(is) },
      blocks: { among: () => Promise.resolve(new Map()) },
      monotonic: () => time,
    });
    const [socket, other] = [{}, {}];
    const say = (is: boolean, from: object = socket) =>
      typing.notify({ conversationId, userId: 'ann', typing: is }, from);

    for (let repeat = 0; repeat < 5; repeat += 1) await say(true);
    assert.deepEqual(passed.splice(0), [true]);
    // That it ended is not lost behind its beginning, but is limited by itself.
    for (let repeat = 0; repeat < 5; repeat += 1) await say(false);
    assert.deepEqual(passed.splice(0), [false]);
    await say(true, other);
    assert.deepEqual(passed.splice(0), [true]);
    time = LIMITS.typingEvery - 1;
    await say(true);
    assert.deepEqual(passed, []);
    time = LIMITS.typingEvery;
    await say(true);
    assert.deepEqual(passed, [true]);
  });

  describe('of one user in all conversations together', () => {
    /** Deliveries that a user causes in a minute by typing everywhere as often as possible. */
    const deliveriesOf = async (conversations: number, members: number, sockets = 1) => {
      let time = 0;
      let delivered = 0;
      const others = Array.from({ length: members - 1 }, (_, index): [string, object] => [
        `u${index}`,
        {},
      ]);
      const membership = { members: new Map([['ann', {}], ...others]) };
      const typing = new TypingService({
        log: {
          state: () => Promise.resolve({ ...state, membership } as unknown as ConversationState),
        },
        events: { toConversation: () => void (delivered += members - 1) },
        blocks: { among: () => Promise.resolve(new Map()) },
        monotonic: () => time,
      });
      const from = Array.from({ length: sockets }, () => ({}));
      for (; time < MINUTE; time += SECOND) {
        for (let at = 0; at < conversations; at += 1) {
          for (const socket of from) {
            for (const is of [true, false])
              await typing.notify({ conversationId: `c${at}`, userId: 'ann', typing: is }, socket);
          }
        }
      }
      return delivered;
    };
    /** What may be delivered in a minute, with the burst. */
    const most = 60 * TYPING_DELIVERIES.perSecond + TYPING_DELIVERIES.burst;

    for (const [what, given] of [
      ['30 groups of 20', [30, 20]],
      ['300 direct conversations', [300, 2]],
      ['a group of 1,000', [1, 1_000]],
      ['30 groups of 20, from 20 sockets', [30, 20, 20]],
    ] as [string, [number, number, number?]][]) {
      it(`are limited by what they cause: ${what}`, async () => {
        const delivered = await deliveriesOf(...given);
        assert.ok(delivered <= most, `${delivered} deliveries`);
      });
    }

    it('all pass of a user who types in a group of 50 and a direct conversation by turns', async () => {
      assert.equal(await deliveriesOf(1, 50), 60 * 49);
      assert.equal(await deliveriesOf(2, 2), 2 * 60);
    });
  });
});
