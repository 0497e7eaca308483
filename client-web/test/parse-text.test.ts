import assert from 'node:assert/strict';

import { emojiCount, parseText } from '../src/features/timeline/parse-text.ts';

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

  it('leave the punctuation of the sentence out and keep brackets that belong to them', () => {
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

  it('stop at characters that turn the direction of text', () => {
    assert.deepEqual(links('https://a.example/\u202egpj.exe')[0]?.[0], 'https://a.example/');
  });

  it('lose no character of the text around them', () => {
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
    it(`take no long time in a text of ${name}`, () => {
      const begin = process.hrtime.bigint();
      assert.equal(joined(text), text);
      assert.ok(process.hrtime.bigint() - begin < 400_000_000n);
    });
  }
});

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
