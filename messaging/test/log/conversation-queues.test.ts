import assert from 'node:assert/strict';

import { ConversationQueues } from '../../src/log/conversation-queues.ts';
import type { MemberState } from '../../src/log/state.ts';

/** Bytes of a queue without a state, and with one of two members. */
const EMPTY = new ConversationQueues().open('any').bytes;
const PAIR = EMPTY + 2 * 320;

describe('the conversation queues of a node', () => {
  const load = (queues: ConversationQueues, id: string, count: number) => {
    const member = (_: unknown, index: number): [string, MemberState] => [
      `${id}-${index}`,
      { userId: `${id}-${index}`, role: 'member', joinedSeq: 1, joinedAt: 0 },
    ];
    const members = new Map(Array.from({ length: count }, member));
    const membership = { kind: 'group', title: null, members, version: 1 } as const;
    queues.open(id).state = { conversationId: id, seq: 1, membership };
  };
  const present = (queues: ConversationQueues) =>
    [...queues.all()].map(({ conversationId }) => conversationId);

  it('keep as many small conversations as there is room for, whatever their number', () => {
    const queues = new ConversationQueues(30_000 * PAIR);
    for (let index = 0; index < 30_000; index += 1) load(queues, `c${index}`, 2);
    assert.equal(present(queues).length, 30_000);
    assert.equal(queues.bytes, 30_000 * PAIR);
    for (let index = 30_000; index < 31_000; index += 1) load(queues, `c${index}`, 2);
    assert.ok(present(queues).length <= 30_001);
    assert.ok(queues.find('c30999'));
  });

  it('keep few large ones', () => {
    const queues = new ConversationQueues(10 * PAIR);
    for (let index = 0; index < 50; index += 1) load(queues, `c${index}`, 10);
    assert.ok(present(queues).length < 10, `${present(queues).length} are kept`);
  });

  it('drop those that were not needed for longest, and never one that works', () => {
    const queues = new ConversationQueues(10 * PAIR);
    for (let index = 0; index < 10; index += 1) load(queues, `c${index}`, 2);
    queues.find('c1')!.phase = 'busy';
    for (let index = 10; index < 60; index += 1) {
      queues.open('c3');
      load(queues, `c${index}`, 2);
    }
    assert.ok(queues.find('c1'));
    assert.ok(queues.find('c3'));
    assert.equal(queues.find('c2'), undefined);
    assert.ok(present(queues).length <= 11);
  });

  it('count what a conversation needs when members come and go, and nothing for a dropped one', () => {
    const queues = new ConversationQueues(2 * EMPTY);
    const dropped = queues.open('a');
    load(queues, 'a', 5);
    assert.equal(queues.bytes, EMPTY + 5 * 320);
    load(queues, 'a', 1);
    queues.open('a').state = undefined;
    assert.equal(queues.bytes, EMPTY);
    queues.open('b');
    queues.open('c');
    queues.open('d');
    assert.equal(queues.find('a'), undefined);
    const { bytes } = queues;
    dropped.state = undefined;
    assert.equal(queues.bytes, bytes);
  });
});
