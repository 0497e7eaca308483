import assert from 'node:assert/strict';

import { emojiCount } from '../src/features/timeline/emoji-count.ts';

describe('a text of nothing but emoji', () => {
  it('is counted up to six', () => {
    assert.equal(emojiCount('👍'), 1);
    assert.equal(emojiCount(' 👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪 '), 3);
    assert.equal(emojiCount('👍🏽👍🏽👍🏽👍🏽👍🏽👍🏽'), 6);
    assert.equal(emojiCount('❤️'), 1);
    assert.equal(emojiCount('1️⃣'), 1);
  });

  it('is nothing else', () => {
    assert.equal(emojiCount('👍👍👍👍👍👍👍'), 0);
    assert.equal(emojiCount('ok 👍'), 0);
    assert.equal(emojiCount('👍 ok'), 0);
    assert.equal(emojiCount('12'), 0);
    assert.equal(emojiCount('#'), 0);
    assert.equal(emojiCount(''), 0);
  });
});
