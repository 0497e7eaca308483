import assert from 'node:assert/strict';

import { beginning, graphemes, shorten } from '../src/index.ts';

/** What a reader sees as one character, in many ways of writing it. */
const CHARACTERS = [
  ...['x', 'é', 'é', 'ё̀', 'ậ', '漢', '한', '한', 'a͜a'.slice(0, 2)],
  ...['😀', '👍🏽', '❤️', '❤️‍🔥', '👩‍👩‍👧‍👦', '👨🏿‍❤️‍💋‍👨🏻', '🏳️‍🌈', '🇺🇦', '🏴󠁧󠁢󠁥󠁮󠁧󠁿'],
  ...['1️⃣', '#️⃣', '🧑🏽‍🦽‍➡️', 'นี้', 'שָּׁ', '\r\n'],
];

/** The module as it is loaded where there is no segmenter; the query keeps it apart from the usual one. */
async function loadWithoutSegmenter() {
  const path = '../src/text/graphemes.ts?without-segmenter';
  return (await import(path)) as { graphemes: typeof graphemes; beginning: typeof beginning };
}

function check(): void {
  for (const character of CHARACTERS) {
    for (let before = 0; before <= 12; before += 1) {
      const lead = 'y'.repeat(before);
      const text = `${lead}${character.repeat(3)}y`;
      for (let max = 0; max <= text.length + 1; max += 1) {
        const cut = beginning(text, max);
        const note = JSON.stringify([character, before, max, cut]);
        assert.ok(text.startsWith(cut) && cut.length <= max, note);
        const rest = cut.slice(before);
        const isWhole = rest.length % character.length === 0 || cut.length >= text.length - 1;
        // A first character that does not fit is cut between two code points.
        const isFirst = before === 0 && max < character.length;
        assert.ok(isWhole || isFirst, note);
        assert.ok(!/\p{Surrogate}/u.test(cut), note);
        assert.ok(max - cut.length < Math.max(character.length, 2), note);
      }
    }
  }
}

describe('The beginning of a text', () => {
  it('ends where a reader sees the end of a character, wherever it is cut', () => {
    check();
  });

  it('does so by a simpler rule where there is no Intl.Segmenter', async () => {
    const { Segmenter } = Intl;
    Reflect.deleteProperty(Intl, 'Segmenter');
    try {
      const module = await loadWithoutSegmenter();
      for (const character of CHARACTERS.filter((each) => !/[ᄀ-ᇿ]/u.test(each))) {
        assert.deepEqual([...module.graphemes(`a${character}b`)], ['a', character, 'b']);
        assert.equal(module.beginning(`a${character}b`, character.length), 'a');
      }
    } finally {
      Object.defineProperty(Intl, 'Segmenter', { value: Segmenter, configurable: true });
    }
  });

  it('is the whole text if that is short enough', () => {
    assert.equal(beginning('abc', 3), 'abc');
    assert.equal(shorten('abc', 3), 'abc');
    assert.equal(shorten('abcd', 3), 'ab…');
    assert.equal(shorten('ab cd', 4), 'ab…');
    assert.equal(shorten('a😀b', 3), 'a…');
  });

  it('has at most the length that is asked for, even of one endless character', () => {
    const endless = `a${'\u0301'.repeat(500)}`;
    assert.equal(beginning(endless, 140).length, 140);
    assert.doesNotMatch(beginning(`😀${'\u200d😀'.repeat(100)}`, 140), /\p{Surrogate}/u);
  });

  it('takes time in proportion to its own length, not to that of the text', () => {
    const text = '😀'.repeat(1_000_000);
    const begun = process.cpuUsage();
    for (let round = 0; round < 100; round += 1) beginning(text, 140);
    // Microseconds of this process, which other processes do not add to.
    assert.ok(process.cpuUsage(begun).user < 2_000_000);
  });
});

describe('The characters of a text', () => {
  it('are what a reader counts', () => {
    for (const character of CHARACTERS) assert.deepEqual([...graphemes(character)], [character]);
    assert.equal([...graphemes(CHARACTERS.join(' '))].length, CHARACTERS.length * 2 - 1);
  });
});
