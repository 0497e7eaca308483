import assert from 'node:assert/strict';
import { DAY, HOUR, MINUTE, SECOND } from '@parley/common';

import { countReply, noCounts, replyQuantile, repliesOf } from '../../src/engagement/day-counts.ts';
import { FirstReplies } from '../../src/engagement/first-replies.ts';

const message = ([senderId, seq]: readonly [string, number], at: number, conversationId = 'c') => ({
  ...{ conversationId, seq, senderId, at },
});

describe('the time to the first reply', () => {
  it('runs from the first message in a row to the next message of somebody else', () => {
    const replies = new FirstReplies();
    assert.equal(replies.note(message(['ann', 1], 0)), undefined);
    assert.equal(replies.note(message(['ann', 2], 5 * SECOND)), undefined);
    assert.equal(replies.note(message(['ben', 3], 20 * SECOND)), 20 * SECOND);
    assert.equal(replies.note(message(['ann', 4], 50 * SECOND)), 30 * SECOND);
  });

  it('is not measured after more than a day, and a message after a day begins a new wait', () => {
    const replies = new FirstReplies();
    replies.note(message(['ann', 1], 0));
    assert.equal(replies.note(message(['ben', 2], DAY + 1)), undefined);
    assert.equal(replies.note(message(['ben', 3], 3 * DAY)), undefined);
    assert.equal(replies.note(message(['ann', 4], 3 * DAY + HOUR)), HOUR);
  });

  it('is not measured of what arrives late or again', () => {
    const replies = new FirstReplies();
    replies.note(message(['ann', 1], 0));
    assert.equal(replies.note(message(['ben', 2], SECOND)), SECOND);
    assert.equal(replies.note(message(['ann', 1], 0)), undefined);
    assert.equal(replies.note(message(['ben', 3], MINUTE)), undefined);
  });

  it('forgets the conversation that was silent longest when there are too many', () => {
    const replies = new FirstReplies(2);
    replies.note(message(['ann', 1], 0, 'one'));
    replies.note(message(['ann', 1], 0, 'two'));
    assert.equal(replies.note(message(['ben', 2], SECOND, 'one')), SECOND);
    replies.note(message(['ann', 1], 0, 'three'));
    assert.equal(replies.note(message(['ben', 2], SECOND, 'two')), undefined);
  });

  it('is estimated within the bucket in which it lies', () => {
    const counts = noCounts();
    assert.equal(replyQuantile(counts, 0.5), null);
    for (let each = 0; each < 10; each += 1) countReply(counts, 40 * SECOND);
    assert.equal(replyQuantile(counts, 0.5), 45);
    assert.equal(replyQuantile(counts, 1), 60);
    countReply(counts, 0);
    countReply(counts, DAY);
    countReply(counts, DAY + 1);
    assert.equal(repliesOf(counts), 12);
    assert.equal(replyQuantile(counts, 1), DAY / SECOND);
  });
});
