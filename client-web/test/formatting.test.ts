import assert from 'node:assert/strict';
import { createElement } from 'react';

import type * as FormattedModule from '../src/features/formatting/formatted-text.tsx';
import { type FormatBlock, parseFormat } from '../src/features/formatting/parse-format.ts';
import { type Inline, parseInline } from '../src/features/formatting/parse-inline.ts';
import { plainText } from '../src/features/formatting/plain-text.ts';
import { NOON } from './support/builders.ts';
import { FakeClient } from './support/fake-client.ts';
import { PATIENCE, Renderer } from './support/render.ts';

/** The source of parts, from their marks and texts. */
const inlineSource = (parts: readonly Inline[]): string =>
  parts
    .map((part) => {
      if (part.kind === 'text' || part.kind === 'link') return part.text;
      const inner = part.kind === 'code' ? part.text : inlineSource(part.parts);
      return part.mark + inner + part.mark;
    })
    .join('');

const sourceOf = (blocks: readonly FormatBlock[]): string =>
  blocks
    .map((block) => {
      if (block.kind === 'fence') return block.open + block.code + block.close;
      if (block.kind === 'text') return inlineSource(block.parts) + block.after;
      return block.lines
        .map(({ mark, parts, after }) => mark + inlineSource(parts) + after)
        .join('');
    })
    .join('');

/** Parts in a short form: `bold(a italic(b))`. */
const short = (parts: readonly Inline[]): string =>
  parts
    .map((part) => {
      if (part.kind === 'text') return part.text;
      return `${part.kind}(${'parts' in part ? short(part.parts) : part.text})`;
    })
    .join('');

const styled = (line: string) => short(parseInline(line));

/** A repeatable draw of numbers from 0 up to but not including `below`. */
function draws(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const PIECES = [
  '*', '_', '~', '`', '```', '> ', '>', '- ', '* ', '1. ', '12) ', '\n', '\n\n', ' ', '  ', '\t', 'a', 'word', '5',
  'é', '漢', '👩‍👧', 'שלום', '.', ',', '(', ')', '\\', '"', '<b>', '&amp;', 'https://a.example/x_y_z', 'www.b.example',
  'ann@c.example', '\u200b', '\ud83d',
]; // prettier-ignore

const drawText = (next: (below: number) => number) =>
  Array.from({ length: next(24) }, () => PIECES[next(PIECES.length)]).join('');

describe('formatting', () => {
  it('shows the styles of a line, also within each other', () => {
    assert.equal(styled('a *bold* b'), 'a bold(bold) b');
    assert.equal(styled('_it_, ~gone~!'), 'italic(it), strike(gone)!');
    assert.equal(styled('*b _i_ ~s~*'), 'bold(b italic(i) strike(s))');
    assert.equal(styled('*_both_*'), 'bold(italic(both))');
    assert.equal(styled('run `npm *ci*` now'), 'run code(npm *ci*) now');
    assert.equal(styled('x ```a `b` c``` y'), 'x code(a `b` c) y');
    assert.equal(styled('*שלום* *漢字* *👍🏽*'), 'bold(שלום) bold(漢字) bold(👍🏽)');
    assert.equal(styled('*two words* and *again*'), 'bold(two words) and bold(again)');
  });

  it('leaves alone what is no formatting', () => {
    for (const line of [
      '2 * 3 * 4',
      '2*3*4',
      'snake_case_name',
      '__init__',
      '**',
      '* *',
      '*_*',
      '¯\\_(ツ)_/¯',
      '*open',
      'end*',
      '* a*',
      '*a *',
      '~100 ~200',
      '5~10~',
      '``',
      '` `',
      '>_<',
      'a*b*c',
      '_',
      '***',
      '*_~',
      'it`s',
      '-_-',
    ])
      // prettier-ignore
      assert.equal(styled(line), line);
  });

  it('keeps links whole, and finds them within styles', () => {
    assert.equal(styled('https://a.example/_x_/*y*'), 'link(https://a.example/_x_/*y*)');
    assert.equal(styled('*https://a.example/x*'), 'bold(link(https://a.example/x))');
    assert.equal(styled('_see www.b.example_!'), 'italic(see link(www.b.example))!');
    assert.equal(styled('https://a.example/a_'), 'link(https://a.example/a_)');
    assert.equal(styled('`https://a.example`'), 'code(https://a.example)');
    assert.equal(styled('_https://a.example/a_b_'), 'italic(link(https://a.example/a_b))');
  });

  it('shows quotes, lists and fenced code as blocks', () => {
    const kinds = (text: string) => parseFormat(text).map(({ kind }) => kind);
    assert.deepEqual(kinds('a\n> b\n> c\nd'), ['text', 'quote', 'text']);
    assert.deepEqual(kinds('- a\n- b\n\n1. c\n2. d'), ['bullets', 'text', 'numbers']);
    assert.deepEqual(kinds('* a\n* *b*'), ['bullets']);
    assert.deepEqual(kinds('look:\n```\nlet *x* = 1;\n\n  y\n```\nend'), ['text', 'fence', 'text']);
    assert.deepEqual(kinds('> a\n>\n> b'), ['quote']);
    assert.deepEqual(kinds('-5 degrees\n>5 people\n2026. A year\n>\n-\n1.'), ['text']);
    assert.deepEqual(kinds('```\n\n```'), ['text']);
    const [, fence] = parseFormat('x\n```ts\n  if (a)\n    b();\n```');
    assert.equal(fence?.kind === 'fence' ? fence.code : '', 'ts\n  if (a)\n    b();');
  });

  it('is left out of previews', () => {
    assert.equal(plainText('*Hi* _there_'), 'Hi there');
    assert.equal(plainText('> quoted\n- one\n2. two'), 'quoted\n• one\n2. two');
    assert.equal(plainText('a ```\ncode *x*\n``` b'), 'a \ncode *x*\n b');
    assert.equal(plainText('5 * 3 * 2'), '5 * 3 * 2');
  });

  it('loses nothing of any text', () => {
    const next = draws(20_261_130);
    for (let round = 0; round < 4_000; round += 1) {
      const text = drawText(next);
      assert.equal(sourceOf(parseFormat(text)), text);
    }
  });

  it('takes a time that grows with the length only, for hostile input of 64 KiB', () => {
    const patterns = [
      ...PIECES, '*a', '*a ', '_a*b~', '*_~', '`a', '```a', '```\n', '``` ', '> \n', '*a _b ~c ', '(*', 'a*b', '*a*', '* ',
      '_*_', '`*', '1. \n', '\n> ', '- - ', '*a*b', 'www.', '_https://', '*w@a.', 'http://*', '\n```', '~~', '*\u0301',
    ]; // prettier-ignore
    for (const pattern of patterns) {
      const text = pattern.repeat(Math.ceil(65_536 / pattern.length)).slice(0, 65_536);
      const start = process.cpuUsage();
      parseFormat(text);
      const { user } = process.cpuUsage(start);
      // Linear parsing takes a few tens of milliseconds of processor time, quadratic parsing many seconds.
      assert.ok(user < 1_000_000, `${pattern}: ${String(user / 1_000)} ms`);
    }
  }).timeout(60_000);
});

describe('formatted text on the page', function () {
  this.timeout(PATIENCE);
  let renderer: Renderer;
  before(async () => {
    renderer = await Renderer.create();
  });
  after(() => renderer.close());

  const draw = async (text: string) => {
    const { FormattedText } = await renderer.load<typeof FormattedModule>(
      'features/formatting/formatted-text.tsx',
    );
    const html = await renderer.draw(
      createElement(FormattedText, { text }),
      new FakeClient({ now: () => NOON }),
    );
    return html.slice(0, html.indexOf('<div role="status"'));
  };
  const textOf = (html: string) =>
    html
      .replace(/<!--.*?-->|<[^>]*>/gu, '')
      .replace(/&lt;/gu, '<')
      .replace(/&gt;/gu, '>')
      .replace(/&quot;/gu, '"')
      .replace(/&#x27;/gu, "'")
      .replace(/&amp;/gu, '&');

  it('contains the source, so that copying gives it back', async () => {
    const next = draws(7);
    for (let round = 0; round < 60; round += 1) {
      const text = drawText(next).replaceAll('\ud83d', '');
      assert.equal(textOf(await draw(text)), text);
    }
  });

  it('uses elements that say what they are', async () => {
    const html = await draw('*b* _i_ ~s~ `c`\n> q\n- x\n7. y\n```\nz\n```');
    for (const tag of ['strong', 'em', 's', 'code', 'blockquote', 'ul', 'ol', 'li', 'pre']) {
      assert.match(html, new RegExp(`<${tag}[ >]`, 'u'));
    }
    assert.match(html, /<li value="7">/u);
  });

  it('never becomes markup', async () => {
    for (const hostile of [
      '*<img src=x onerror=alert(1)>*',
      '`<script>alert(1)</script>`',
      '```\n<b>x</b>\n```',
      '> <a href=x>',
      '- <svg onload=x>',
      '*[x](javascript:alert(1))*',
      '_javascript:alert(1)_',
    ])
      // prettier-ignore
      assert.doesNotMatch(await draw(hostile), /<(?:img|script|b|svg|a)[ >]/u);
  });
});
