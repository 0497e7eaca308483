import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import { beginning, graphemes } from '../src/index.ts';

/** Of a line such as `÷ 0061 × 0308 ÷ 0062 ÷`: the characters between the places where a text may be cut. */
function charactersOf(line: string): string[] {
  const [tested = ''] = line.split('#', 1);
  const between = tested.split('÷').map((part) => part.trim());
  return between.filter(Boolean).map((part) => {
    const codes = part.split('×').map((code) => Number.parseInt(code.trim(), 16));
    return String.fromCodePoint(...codes);
  });
}

/** U+2701 was a pictograph in Unicode 15.0, of which the file is, and is none for newer engines. */
const isOld = (character: string) =>
  character.includes('\u2701') && !/\p{Extended_Pictographic}/u.test('\u2701');

describe('Unicode’s own test of grapheme clusters', () => {
  let cases: string[][];
  before(async () => {
    const path = new URL('fixtures/GraphemeBreakTest.txt', import.meta.url);
    const lines = (await readFile(path, 'utf8')).split('\n').map(charactersOf);
    cases = lines.filter((characters) => characters.length > 0 && !characters.some(isOld));
  });

  it('has the cases of the file', () => {
    assert.ok(cases.length > 590);
  });

  it('finds the characters of each case', () => {
    for (const characters of cases) {
      assert.deepEqual([...graphemes(characters.join(''))], characters);
    }
  });

  it('finds no cut inside of a character', () => {
    for (const characters of cases) {
      const text = characters.join('');
      const ends = characters.map((_, index) => characters.slice(0, index + 1).join('').length);
      const [first = 0] = ends;
      for (let max = first; max <= text.length; max += 1) {
        const cut = beginning(text, max).length;
        assert.equal(cut, Math.max(...ends.filter((end) => end <= max)), JSON.stringify(text));
      }
    }
  });
});
