import assert from 'node:assert/strict';
import { codePoints } from '@parley/common';

import { splitText } from '../src/features/composer/split-text.ts';

const words = (text: string) => text.split(/\s+/u).filter(Boolean);

describe('a text that is split into messages', () => {
  it('stays whole if it fits', () => {
    assert.deepEqual(splitText('  short  ', 10), ['short']);
    assert.deepEqual(splitText(' \n ', 10), []);
  });

  it('is cut after a paragraph, a line, a sentence or a word, and loses none', () => {
    for (const [text, first] of [
      ['one two.\n\nthree four', 'one two.'],
      ['one two.\nthree four five', 'one two.'],
      ['One, two. Three four', 'One, two.'],
      ['one two three four five', 'one two three'],
    ] as const) {
      const parts = splitText(text, 15);
      assert.equal(parts[0], first);
      assert.deepEqual(words(parts.join(' ')), words(text));
    }
  });

  it('gives parts within the limit, counted in code points', () => {
    const text = 'Ein Absatz mit vielen Wörtern. '.repeat(500);
    const parts = splitText(text, 1_000);
    assert.ok(parts.every((part) => codePoints(part) <= 1_000));
    assert.deepEqual(words(parts.join(' ')), words(text));
    assert.deepEqual(
      splitText('😀'.repeat(25), 10).map((part) => codePoints(part)),
      [10, 10, 5],
    );
  });

  it('cuts no family, no flag and no letter with its accent', () => {
    const family = '👨‍👩‍👧‍👦';
    assert.deepEqual(splitText(family.repeat(3), 10), [family, family, family]);
    assert.deepEqual(splitText('🇩🇪🇫🇷🇪🇸', 3), ['🇩🇪', '🇫🇷', '🇪🇸']);
    assert.ok(splitText('q\u0323\u0307'.repeat(9), 4).every((part) => part.startsWith('q')));
    assert.equal(splitText(`a${'\u0301\u0302'.repeat(20)}`, 10).join('').length > 10, true);
  });
});
