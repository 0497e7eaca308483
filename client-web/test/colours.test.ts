import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

// WCAG 2.2, 1.4.3: small text needs 4.5 : 1. A sender's colour follows from the id, so a page shows few of the ten at a time.
const ENOUGH = 4.5;

type Colour = readonly [red: number, green: number, blue: number];

const tokens = readFileSync(new URL('../src/ui/tokens.css', import.meta.url), 'utf8');

function colour(hex: string): Colour {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  return [red ?? NaN, green ?? NaN, blue ?? NaN];
}

/** The light and dark values of each token with this name. */
function forms(name: string): [light: Colour, dark: Colour][] {
  const pattern = new RegExp(`--${name}: light-dark\\((#[0-9a-f]{6}), (#[0-9a-f]{6})\\)`, 'g');
  return [...tokens.matchAll(pattern)].map(([, light = '', dark = '']) => [
    colour(light),
    colour(dark),
  ]);
}

function luminance(of: Colour): number {
  const [red, green, blue] = of.map((value) => {
    const part = value / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: Colour, other: Colour): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [
    number,
    number,
  ];
  return (light + 0.05) / (dark + 0.05);
}

function mixed(over: Colour, under: Colour, share: number): Colour {
  const part = (at: 0 | 1 | 2) => over[at] * share + under[at] * (1 - share);
  return [part(0), part(1), part(2)];
}

describe('sender name colours', () => {
  const names = forms('name');
  const [text] = forms('text');
  const quote = /--bubble-quote: color-mix\(in srgb, var\(--text\) (\d+)%, transparent\)/.exec(
    tokens,
  );
  const share = Number(quote?.[1]) / 100;

  it('are ten colours, each with a light and a dark value', () => {
    assert.equal(names.length, 10);
  });

  for (const bubble of ['bubble', 'bubble-own']) {
    for (const theme of [0, 1] as const) {
      it(`are readable in quotes on --${bubble}, ${theme === 0 ? 'light' : 'dark'}`, () => {
        const [surface] = forms(bubble);
        assert.ok(text && surface);
        const under = mixed(text[theme], surface[theme], share);
        const faint = names.filter((name) => !(contrast(name[theme], under) >= ENOUGH));
        assert.deepEqual(faint, []);
      });
    }
  }
});

describe('the mark of a read message', () => {
  const pairs = [
    ['bubble-own-accent', 'bubble-own'],
    ['accent', 'surface'],
    ['accent', 'surface-selected'],
    ['accent', 'surface-raised'],
  ] as const;
  for (const [mark, surface] of pairs) {
    it(`stands out from --${surface} in both themes`, () => {
      const [[light, dark] = []] = forms(mark);
      const [[lightBelow, darkBelow] = []] = forms(surface);
      assert.ok(light && dark && lightBelow && darkBelow);
      // WCAG 2.2, 1.4.11: graphics need 3 : 1.
      assert.ok(contrast(light, lightBelow) >= 3 && contrast(dark, darkBelow) >= 3);
    });
  }
});
