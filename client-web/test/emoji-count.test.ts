import assert from 'node:assert/strict';

import { emojiCount } from '../src/features/timeline/emoji-count.ts';

describe('emoji count', () => {
  it('counts up to six emoji in a text of nothing but emoji', () => {
    assert.equal(emojiCount('👍'), 1);
    assert.equal(emojiCount(' 👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪 '), 3);
    assert.equal(emojiCount('👍🏽👍🏽👍🏽👍🏽👍🏽👍🏽'), 6);
    assert.equal(emojiCount('❤️'), 1);
    assert.equal(emojiCount('1️⃣'), 1);
  });

  it('is zero for any other text', () => {
    assert.equal(emojiCount('👍👍👍👍👍👍👍'), 0);
    assert.equal(emojiCount('ok 👍'), 0);
    assert.equal(emojiCount('👍 ok'), 0);
    assert.equal(emojiCount('12'), 0);
    assert.equal(emojiCount('#'), 0);
    assert.equal(emojiCount(''), 0);
  });
});
