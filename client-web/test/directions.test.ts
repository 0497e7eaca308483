import assert from 'node:assert/strict';

import { en } from '../src/texts/en/index.ts';

/** Names from right to left: Hebrew, Arabic, N'Ko, one that ends in brackets, and one that changes the direction. */
const NAMES = ['שרה', 'داود', 'ߒߞߏ', 'דוד (Bo)', 'x\u202eBo'];
/** Parameters that are no names: numbers, and texts of the app itself. */
const OTHERS = new Set(
  'count minutes over percent index min when clock date day end left size sent status pixels time duration speed'.split(
    ' ',
  ),
);

type Text = (...values: unknown[]) => string;

/** All functions of the texts that take a name, by their place. */
function sentences(texts: object, place = ''): [place: string, make: (name: string) => string][] {
  return Object.entries(texts).flatMap(([key, text]) => {
    const path = place === '' ? key : `${place}.${key}`;
    if (typeof text === 'object' && text !== null) return sentences(text as object, path);
    if (typeof text !== 'function') return [];
    const source = String(text);
    const parameters = (/^(?:function \w+)?\(?([^)=]*)/u.exec(source)?.[1] ?? '').split(',');
    const names = parameters.map((each) => each.trim()).filter((each) => !OTHERS.has(each));
    if (names.length === 0 || source.startsWith('({')) return [];
    const isList = /^(?:names|conversation\.isTyping)$/u.test(path);
    return [
      [
        path,
        (name) =>
          (text as Text)(
            ...parameters.map((each) =>
              OTHERS.has(each.trim()) ? '3' : isList ? [name, name] : name,
            ),
          ),
      ],
    ];
  });
}

describe('names from right to left', () => {
  const all = sentences(en);

  it('stand in many texts', () => {
    const places = all.map(([place]) => place);
    for (const place of ['timeline.removed', 'conversation.isTyping', 'list.from', 'names']) {
      assert.ok(places.includes(place), place);
    }
    assert.ok(places.length >= 30, places.join());
  });

  for (const [place, make] of all) {
    it(`do not change the order of the words of ${place}`, () => {
      for (const name of NAMES) {
        const sentence = make(name);
        const rest = sentence.replaceAll(`\u2068${name}\u2069`, '');
        assert.ok(sentence.includes(name) && !rest.includes(name), JSON.stringify(sentence));
      }
    });
  }

  it('leave a text alone that has none', () => {
    assert.equal(en.timeline.removed('Ann', 'Bo'), 'Ann removed Bo');
    assert.equal(en.names(['Ann', 'Bo', 'Cleo']), 'Ann, Bo and Cleo');
  });
});
