import assert from 'node:assert/strict';

import { parseText } from '../src/features/timeline/parse-text.ts';

const links = (text: string) =>
  parseText(text).flatMap((part) => (part.kind === 'link' ? [[part.text, part.href]] : []));
const joined = (text: string) =>
  parseText(text)
    .map((part) => part.text)
    .join('');

describe('links in a text', () => {
  it('are http, https, www and mail addresses', () => {
    assert.deepEqual(links('see https://a.example/x?y=1#z and http://b.example'), [
      ['https://a.example/x?y=1#z', 'https://a.example/x?y=1#z'],
      ['http://b.example', 'http://b.example/'],
    ]);
    assert.deepEqual(links('www.example.org'), [['www.example.org', 'https://www.example.org/']]);
    assert.deepEqual(links('ask ada@example.org'), [['ada@example.org', 'mailto:ada@example.org']]);
    assert.deepEqual(links('mailto:ada@example.org'), [
      ['mailto:ada@example.org', 'mailto:ada@example.org'],
    ]);
  });

  it('exclude the punctuation of the sentence and keep brackets that belong to them', () => {
    assert.deepEqual(links('Is it https://a.example/x? Yes.')[0]?.[0], 'https://a.example/x');
    assert.deepEqual(links('(https://a.example/x).')[0]?.[0], 'https://a.example/x');
    assert.deepEqual(
      links('https://a.example/Engine_(loom)')[0]?.[0],
      'https://a.example/Engine_(loom)',
    );
  });

  for (const text of [
    'javascript:alert(1)',
    'JaVaScRiPt://example.org/%0aalert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:x',
    'file:///etc/passwd',
    'blob:https://a.example/x',
    'intent://x#Intent;end',
    'https://',
    'http://[',
    'mailto:',
    'www.',
    'www.nodot',
    'xhttps://a.example',
    'ada@localhost',
  ]) {
    it(`are not made of ${text}`, () => {
      assert.deepEqual(links(text), []);
      assert.equal(joined(text), text);
    });
  }

  it('stop at characters that change the direction of text', () => {
    assert.deepEqual(links('https://a.example/\u202egpj.exe')[0]?.[0], 'https://a.example/');
  });

  for (const [text, link] of [
    ['https://example.com/a。谢谢', 'https://example.com/a'],
    ['https://example.com/a、b', 'https://example.com/a'],
    ['https://example.com/a！', 'https://example.com/a'],
    ['https://example.com/a？', 'https://example.com/a'],
    ['（https://example.com/a）', 'https://example.com/a'],
    ['「https://example.com/a」を見て', 'https://example.com/a'],
    ['www.example.com，好', 'www.example.com'],
    ['链接https://example.com/a', 'https://example.com/a'],
    ['これはhttps://example.com/aです', 'https://example.com/aです'],
    ['ดูhttps://example.com/a', 'https://example.com/a'],
    ["https://example.com/Rock_'n'_Roll", "https://example.com/Rock_'n'_Roll"],
    ['https://zh.wikipedia.org/wiki/维基百科', 'https://zh.wikipedia.org/wiki/维基百科'],
    ['https://müller.example/straße', 'https://müller.example/straße'],
    ['“https://example.com/a”', 'https://example.com/a'],
    ['https://example.com/a…', 'https://example.com/a'],
    ['https://example.com:8080/a?b=c,d;e#f', 'https://example.com:8080/a?b=c,d;e#f'],
    ['https://example.com/a；好', 'https://example.com/a'],
    ['https://example.com/a：好', 'https://example.com/a'],
    ['《https://example.com/a》', 'https://example.com/a'],
    ['【https://example.com/a】', 'https://example.com/a'],
    ['请看www.example.com。', 'www.example.com'],
    ['http://example.com/it’s', 'http://example.com/it'],
    ["https://example.com/O'Brien's_(band)", "https://example.com/O'Brien's_(band)"],
    ['https://пример.example/путь?я=1', 'https://пример.example/путь?я=1'],
    ['ኢሜይል https://example.com/a።', 'https://example.com/a'],
    ['https://example.com/a।', 'https://example.com/a'],
    ['https://example.com/a؟', 'https://example.com/a'],
    ['https://example.com/a،', 'https://example.com/a'],
    ['https://example.com/a۔', 'https://example.com/a'],
    ['https://example.com/a।।', 'https://example.com/a'],
    ['https://example.com/a।b', 'https://example.com/a।b'],
    ['see http://[2001:db8::1]:8080/a.', 'http://[2001:db8::1]:8080/a'],
    ['http://[not-an-address]/a', ''],
  ] as const) {
    it(`in ${text} are ${link === '' ? 'none' : link}`, () => {
      assert.equal(links(text)[0]?.[0] ?? '', link);
      assert.equal(joined(text), text);
    });
  }

  it('keep every character of the surrounding text', () => {
    const text = '<b>x</b> https://a.example/?q="><script> & ada@example.org!\n\nend ';
    assert.equal(joined(text), text);
  });

  for (const [name, text] of [
    ['dots and hyphens', `${'a.'.repeat(10_000)}@${'b-'.repeat(10_000)}`],
    ['half addresses', 'a@b.'.repeat(10_000)],
    ['closing brackets', `https://a.example/${')'.repeat(40_000)}`],
    ['www', 'www.'.repeat(10_000)],
    ['colons', 'https://:'.repeat(5_000)],
  ] as const) {
    it(`are found quickly in a text of ${name}`, () => {
      const begin = process.hrtime.bigint();
      assert.equal(joined(text), text);
      assert.ok(process.hrtime.bigint() - begin < 400_000_000n);
    });
  }
});
