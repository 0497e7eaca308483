import assert from 'node:assert/strict';

import { ConversationQueue } from '../../src/log/conversation-queue.ts';
import type { EntryContent, EntryDocument } from '../../src/log/entry-document.ts';
import { newId, say } from '../support/test-log.ts';

const CONVERSATION = newId();
const ANN = newId();

function entry(seq: number, content: EntryContent = say(`${seq}`)): EntryDocument {
  const base = { _id: newId(), conversationId: CONVERSATION, senderId: ANN, clientId: newId() };
  return { ...base, seq, at: 0, ...content };
}

/** A queue whose state is folded up to `seq`. */
function queueAt(seq: number): ConversationQueue {
  const queue = new ConversationQueue(CONVERSATION);
  queue.state = {
    conversationId: CONVERSATION,
    seq,
    membership: { kind: 'group', title: 'Test', members: new Map(), version: 1 },
  };
  return queue;
}

describe('the queue of a conversation', () => {
  it('folds the messages of other nodes that follow its state', () => {
    const queue = queueAt(4);
    for (const seq of [5, 6, 7]) queue.receive(entry(seq));
    assert.equal(queue.state?.seq, 7);
    assert.equal(queue.isStale, false);
  });

  it('is stale while an entry is missing, and no longer when it arrives with those after it', () => {
    const queue = queueAt(4);
    queue.receive(entry(6));
    assert.deepEqual([queue.state?.seq, queue.isStale], [4, true]);
    queue.receive(entry(5));
    assert.deepEqual([queue.state?.seq, queue.isStale], [5, true]);
    queue.receive(entry(6));
    assert.deepEqual([queue.state?.seq, queue.isStale], [6, false]);
  });

  it('ignores entries that it has folded', () => {
    const queue = queueAt(4);
    queue.receive(entry(4));
    assert.deepEqual([queue.state?.seq, queue.isStale], [4, false]);
  });

  it('takes a change of members or title from the log alone', () => {
    const queue = queueAt(4);
    queue.receive(entry(5, { kind: 'title', title: 'New' }));
    assert.deepEqual([queue.state?.seq, queue.isStale], [4, true]);
    queue.receive(
      entry(6, { kind: 'members', action: 'added', userIds: [newId()], role: 'member' }),
    );
    assert.deepEqual([queue.state?.seq, queue.isStale], [4, true]);
  });

  it('does not read again for entries that a read did not find', () => {
    const queue = queueAt(4);
    queue.noteTail(1_000);
    queue.readToEnd(queue.tail);
    assert.equal(queue.isStale, false);
  });

  it('reads again for an entry that it learned of during a read', () => {
    const queue = queueAt(4);
    queue.noteTail(5);
    const noted = queue.tail;
    queue.noteTail(6);
    queue.readToEnd(noted);
    assert.equal(queue.isStale, true);
  });
});
