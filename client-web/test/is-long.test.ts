import assert from 'node:assert/strict';

import { isLong } from '../src/features/timeline/is-long.ts';

const lines = (count: number, line = 'line') => Array<string>(count).fill(line).join('\n');

describe('a message', () => {
  for (const [what, text] of [
    ['334 lines', lines(334)],
    ['21 lines', lines(21)],
    ['a program of 60 lines', `\`\`\`\n${lines(60, 'const a = 1;')}\n\`\`\``],
    ['a list of 30 points', lines(30, '- milk')],
    ['a quote of 30 lines', lines(30, '> she said')],
    ['40 empty lines between two words', `one${'\n'.repeat(40)}two`],
    ['a paragraph of 10,000 characters without a line break', 'word '.repeat(2_000)],
    ['1,200 emoji', '😀'.repeat(1_200)],
    ['1,001 Chinese characters', '漢'.repeat(1_001)],
    ['1,900 Hangul syllables and spaces', '한글 '.repeat(634)],
    ['a URL of 3,000 characters', `https://example.org/${'a'.repeat(3_000)}`],
  ] as const) {
    it(`is folded if it has ${what}`, () => assert.equal(isLong(text), true));
  }

  for (const [what, text] of [
    ['a word', 'Hello'],
    ['20 lines', lines(20)],
    ['a paragraph of 2,000 characters', 'x'.repeat(2_000)],
    ['a paragraph of 800 Chinese characters', '漢'.repeat(800)],
    ['1,900 characters in Thai', 'ก'.repeat(1_900)],
    ['no text', ''],
  ] as const) {
    it(`is shown whole if it has ${what}`, () => assert.equal(isLong(text), false));
  }
});
