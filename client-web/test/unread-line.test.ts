import assert from 'node:assert/strict';

import { unanswered } from '../src/features/timeline/use-unread-line.ts';
import { membersItem, message } from './support/builders.ts';

const range = { after: 10, upTo: 20 };
const own = (seq: number | null) => message(seq ?? 99, { own: true, seq });

describe('what is unread when somebody comes back', () => {
  it('is all that others have written, as long as there is no answer to it', () => {
    assert.deepEqual(unanswered(range, []), range);
    assert.deepEqual(unanswered(range, [own(9), message(11), message(20)]), range);
    assert.equal(unanswered({ after: 20, upTo: 20 }, [message(20)]), null);
  });

  it('ends with an answer', () => {
    assert.equal(unanswered(range, [message(20), own(21)]), null);
    assert.equal(unanswered(range, [message(20), own(null)]), null);
  });

  it('ends with an answer that was sent before the missed messages were known', () => {
    assert.equal(unanswered(range, [message(11), own(20)]), null);
  });

  it('begins after an answer from another device', () => {
    const items = [message(11), own(14), message(15), message(20)];
    assert.deepEqual(unanswered(range, items), { after: 14, upTo: 20 });
  });

  it('is not ended by a change of the members', () => {
    assert.deepEqual(unanswered(range, [membersItem(15), message(20)]), range);
  });
});
