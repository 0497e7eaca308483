import assert from 'node:assert/strict';
import type { RunningService } from '@parley/backend-common';
import { testRedisUrl } from '@parley/backend-common/testing';
import { LIMITS, MINUTE, SECOND, TYPING_DELIVERIES } from '@parley/common';

import type { ConversationState } from '../../src/log/state.ts';
import { TypingService } from '../../src/typing/service.ts';
import { NoticeQueue } from '../../src/typing/notice-queue.ts';
import { call, collected, heard, refusal } from '../support/connections.ts';
import { newId } from '../support/test-log.ts';
import { TestStack } from '../support/stack.ts';
import { SteppedTimers, turn } from '../support/stepped-timers.ts';

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
      timers: new SteppedTimers(),
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
        timers: new SteppedTimers(),
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

describe('typing notices that are dropped', () => {
  /** How often the conversation was looked at, and what was sent, for notices of one socket or of several. */
  const workOf = async (conversations: number, sockets: number) => {
    let [looks, sent] = [0, 0];
    const members = new Map(Array.from({ length: 21 }, (_, index) => [`u${index}`, {}]));
    const typing = new TypingService({
      log: {
        state: () => {
          looks += 1;
          return Promise.resolve({ membership: { members } } as unknown as ConversationState);
        },
      },
      events: { toConversation: () => void (sent += 1) },
      blocks: { among: () => Promise.resolve(new Map()) },
      timers: new SteppedTimers(),
      monotonic: () => 0,
    });
    const from = Array.from({ length: sockets }, () => ({}));
    for (let at = 0; at < conversations; at += 1) {
      for (const socket of from) {
        for (let repeat = 0; repeat < 3; repeat += 1)
          await typing.notify({ conversationId: `c${at}`, userId: 'u0', typing: true }, socket);
      }
    }
    return { looks, sent };
  };

  it('cost no look at the conversation if the socket repeats itself', async () => {
    assert.deepEqual(await workOf(3, 1), { looks: 3, sent: 3 });
  });

  it('cost no look at the conversation if the user has caused too much', async () => {
    const { looks } = await workOf(2_000, 1);
    // A notice costs 21 deliveries; what is left at the end pays for a look, but not for the rest.
    assert.ok(looks <= TYPING_DELIVERIES.burst / 21 + 2, `${looks} looks`);
  });

  it('cost no look at the conversation, from however many sockets', async () => {
    const { looks } = await workOf(30, 50);
    assert.ok(looks <= TYPING_DELIVERIES.burst / 21 + 2, `${looks} looks`);
  });
});

describe('typing notices of many users at once', () => {
  /** Deliveries that a node sends at once, before others get a turn. */
  const SLICE = 200;
  const [COST, USERS, GROUPS] = [20, 100, 30];
  interface Notice {
    readonly userId: string;
    readonly conversationId: string;
    readonly cost: number;
    readonly typing: boolean;
  }
  let time: number;
  let timers: SteppedTimers;
  let sent: Notice[];
  let queue: NoticeQueue<Notice>;

  beforeEach(() => {
    [time, timers, sent] = [0, new SteppedTimers(), []];
    const send = (notice: Notice) => Promise.resolve(void sent.push(notice));
    queue = new NoticeQueue<Notice>({ send, timers, monotonic: () => time });
  });

  const add = (userId: string, conversationId: string, { cost = COST, typing = true } = {}) =>
    queue.add({ userId, conversationId, cost, typing });
  const crowd = async () => {
    for (let user = 0; user < USERS; user += 1) {
      for (let group = 0; group < GROUPS; group += 1) await add(`u${user}`, `c${group}`);
    }
  };
  const slice = async () => {
    time += 20;
    const before = sent.length;
    await timers.step();
    return sent.slice(before);
  };
  const costOf = (notices: readonly Notice[]) => notices.reduce((sum, { cost }) => sum + cost, 0);

  it('leave in slices, so that the node does other things between them', async () => {
    await crowd();
    assert.equal(costOf(sent), SLICE);
    for (let round = 0; round < 10; round += 1) assert.equal(costOf(await slice()), SLICE);
  });

  it('leave at once while there are few', async () => {
    for (let at = 0; at < 50; at += 1) {
      time += 2;
      await add('ann', `c${at}`);
    }
    assert.equal(sent.length, 50);
    assert.ok(timers.isEmpty);
  });

  it('take turns: who types in one conversation does not wait for those who type in many', async () => {
    for (let group = 0; group < GROUPS; group += 1) {
      await add('eve', `c${group}`);
      await add('mallory', `c${group}`);
    }
    await add('ann', 'own');
    assert.ok((await slice()).slice(0, 3).some(({ userId }) => userId === 'ann'));
  });

  it('are replaced by newer ones in the same conversation', async () => {
    await crowd();
    const before = queue.size;
    await add('u99', 'c29', { typing: false });
    assert.equal(queue.size, before);
    const last: Notice[] = [];
    while (queue.size > 0) last.push(...(await slice()));
    const shown = last.filter(
      ({ conversationId, userId }) => conversationId === 'c29' && userId === 'u99',
    );
    assert.ok(shown.length <= 1);
    for (const { typing } of shown) assert.equal(typing, false);
  });

  it('are dropped when they have waited longer than the next one takes to come', async () => {
    await crowd();
    time += LIMITS.typingEvery + 1;
    await timers.step();
    assert.equal(sent.length, SLICE / COST);
    assert.equal(queue.size, 0);
  });

  it('wait within a bound, of one user and of all', async () => {
    for (let group = 0; group < 1_000; group += 1) await add('eve', `c${group}`);
    assert.equal(queue.size, 50);
    for (let user = 0; user < 1_000; user += 1) {
      for (let group = 0; group < GROUPS; group += 1) await add(`u${user}`, `c${group}`);
    }
    assert.equal(queue.size, 5_000);
  });

  it('of a group larger than a slice are sent, and the others wait for as long as they cost', async () => {
    await add('ann', 'crowd', { cost: 1_000 });
    assert.equal(sent.length, 1);
    await add('ben', 'own');
    for (let round = 0; round < 4; round += 1) assert.deepEqual(await slice(), []);
    assert.equal((await slice()).length, 1);
  });

  it('that fail while they wait harm no others', async () => {
    queue = new NoticeQueue<Notice>({
      send: (notice) => {
        sent.push(notice);
        return sent.length === 11 ? Promise.reject(new Error('away')) : Promise.resolve();
      },
      ...{ timers, monotonic: () => time },
    });
    await crowd();
    await slice();
    await turn();
    assert.equal(sent.length, 20);
  });
});
