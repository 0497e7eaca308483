import assert from 'node:assert/strict';

import { toMessage } from '../../src/history/presenter.ts';
import type { MessageDocument } from '../../src/log/entry-document.ts';

function message(text: string, seq = 1): MessageDocument {
  return {
    ...{ _id: `m-${seq}`, conversationId: 'c', seq, senderId: 'ann', clientId: `k-${seq}`, at: 1 },
    ...{ kind: 'message', text, replyTo: null },
  } as unknown as MessageDocument;
}

describe('the preview of a quoted message', () => {
  const preview = (text: string) => {
    const reply = { ...message('yes', 2), replyTo: { messageId: 'm-1', seq: 1 } };
    return toMessage(reply, 0, message(text)).replyTo?.preview ?? '';
  };

  it('never ends inside what a reader sees as one character', () => {
    for (const character of ['😀', '👩‍👩‍👧‍👦', '🇺🇦', '🏴󠁧󠁢󠁷󠁬󠁳󠁿', '1️⃣', 'é', '👍🏽', 'நி']) {
      for (let before = 120; before <= 141; before += 1) {
        const shown = preview('x'.repeat(before) + character.repeat(20));
        assert.match(shown, new RegExp(`^x+(?:${character})*$`, 'u'));
        assert.ok(shown.length <= 140 && shown.length > 140 - Math.max(character.length, 2));
      }
    }
  });

  it('is the whole text of a short message', () => {
    assert.equal(preview('Lunch?'), 'Lunch?');
    assert.equal(preview('x'.repeat(140)), 'x'.repeat(140));
  });
});
