import assert from 'node:assert/strict';

import { operations, type OperationName } from '../src/contract/index.ts';
import {
  foldForSearch,
  isCleanName,
  isVisible,
  isolate,
  searchForms,
  searchKeys,
} from '../src/index.ts';
import { imitatesOperator, skeleton } from '../src/lookalikes/index.ts';

/** Characters of general use with a property, by Unicode's data for JavaScript. */
function all(property: RegExp): string[] {
  const found: string[] = [];
  for (let point = 0; point < 0xe1000; point += 1) {
    // Half characters, and planes without characters.
    if (point === 0xd800) point = 0xe000;
    if (point === 0x33480) point = 0xe0000;
    const character = String.fromCodePoint(point);
    if (property.test(character)) found.push(character);
  }
  return found;
}

describe('A text that shows nothing', () => {
  const blank = [
    ...[
      '\u2800',
      '\u{1d159}',
      '\u3164',
      '\uffa0',
      '\u115f',
      '\u1160',
      '\u17b4',
      '\u00ad',
      '\u034f',
    ],
    ...[
      '\u200b',
      '\u200d',
      '\u2060',
      '\ufeff',
      '\u180e',
      '\ufe0f',
      '\u{e0001}',
      '\u{e0041}',
      '\ufffc',
    ],
    ...[
      '\u061c',
      '\u202c',
      '\u2069',
      '\u{13441}',
      '\u{13442}',
      '\u{16fe4}',
      '\u{1bca0}',
      '\u{1d173}',
    ],
    ...['\u00a0', '\u3000', '\u2007', '\u2028', '\u1680', '\ufff9', '\u{e01ef}', '\u{13430}'],
  ];

  it('consists of characters that are drawn as nothing, alone or together', () => {
    for (const character of blank) {
      const point = character.codePointAt(0)?.toString(16);
      assert.equal(isVisible(character), false, point);
      assert.equal(isVisible(` ${character}\u200d${character} `), false, point);
      assert.equal(isVisible(`${character}a`), true, point);
    }
    assert.equal(isVisible(blank.join('')), false);
  });

  const conversationId = '01a20336-39a9-7253-8a73-76f36b49cc32';
  const texts: readonly [OperationName, (text: string) => object][] = [
    ['message:send', (text) => ({ conversationId, clientId: 'a', text })],
    [
      'conversation:create',
      (title) => ({ kind: 'group', userIds: [conversationId], clientId: 'a', title }),
    ],
    ['conversation:update', (title) => ({ conversationId, clientId: 'a', title })],
    ['attachment:create', (name) => ({ conversationId, contentType: 'text/plain', size: 1, name })],
  ];
  for (const [name, input] of texts) {
    it(`is refused by ${name}`, () => {
      const isAccepted = (text: string) => operations[name].input.safeParse(input(text)).success;
      for (const character of blank) {
        const point = character.codePointAt(0)?.toString(16);
        for (const text of [character, `${character} ${character}`, character.repeat(20)])
          assert.equal(isAccepted(text), false, point);
      }
      for (const text of ['a', 'é', '王', '👩‍👩‍👧‍👦', '.']) assert.equal(isAccepted(text), true, text);
    });
  }

  it('may consist of any character that Unicode lets a font ignore, or that is white space', () => {
    for (const character of all(/^[\p{Default_Ignorable_Code_Point}\p{White_Space}\p{Cc}]$/u)) {
      assert.equal(isVisible(character), false, character.codePointAt(0)?.toString(16));
    }
  });

  it('has no letter, digit, punctuation or symbol but five', () => {
    const property = /^[\p{L}\p{N}\p{P}\p{S}]$/u;
    const hidden = all(property).filter((character) => !isVisible(character));
    const known = /^[\p{Default_Ignorable_Code_Point}\u2800\ufffc\u{13441}\u{13442}\u{1d159}]$/u;
    assert.deepEqual(
      hidden.filter((character) => !known.test(character)),
      [],
    );
  });
});

describe('A name', () => {
  for (const name of [
    ...['Ann Archer', 'José', 'Nguyễn Thị Minh Khai', 'שָׂרָה', 'مُحَمَّد', 'می‌خواهم', 'क्‍ष', 'བསྒྲུབས'],
    ...['Ann 🏴󠁧󠁢󠁥󠁮󠁧󠁿', '👩‍👩‍👧‍👦', '❤️ Bo', '🏳️‍🌈', '👨🏿‍🦱', '1️⃣', '葛\u{e0100}城', 'ᠮᠣᠩ᠋ᠭᠣᠯ', 'O’Brien', 'ậ̃'],
  ]) {
    it(`may be ${name}`, () => assert.equal(isCleanName(name.normalize('NFC')), true));
  }

  for (const [what, name] of [
    ['a mark of direction', 'Ann\u200f'],
    ['a mark of direction between letters', 'A\u200enn'],
    ['an Arabic mark of direction', 'Ann\u061c'],
    ['tag characters', 'Ann\u{e0041}\u{e0042}'],
    ['a flag that does not end', 'Ann\u{1f3f4}\u{e0067}\u{e0062}'],
    ['a zero width space', 'A\u200bnn'],
    ['a word joiner', 'A\u2060nn'],
    ['a soft hyphen', 'An\u00adn'],
    ['a filler', 'Ann\u3164'],
    ['an override', 'Ann\u202e'],
    ['a joiner at the end', 'Ann\u200d'],
    ['joiners at the beginning', '\u200d\u200cAnn'],
    ['several joiners', 'A\u200d\u200dnn'],
    ['a variation selector at the beginning', '\ufe0fAnn'],
    ['many variation selectors', 'Ann\ufe0f\ufe0f'],
    ['63 marks', `A${'\u0301'.repeat(63)}`],
    ['five accents on one letter', 'x\u0323\u0301\u0302\u0303\u0304'],
    ['nine marks on one letter', `क${'\u0902'.repeat(9)}`],
    ['a mark without a letter', '\u0301nn'],
    ['a grapheme joiner', 'A\u034fnn'],
    ['half a character', 'Ann\ud83d'],
  ] as const) {
    it(`must not have ${what}`, () => assert.equal(isCleanName(name.normalize('NFC')), false));
  }
});

describe('A text as it is searched', () => {
  for (const [one, other] of [
    ['ΟΔΥΣΣΕΥΣ', 'οδυσσευς'],
    ['ΟΔΥΣΣ', 'οδυσσ'],
    ['José', 'JOSE'],
    ['Zoë', 'zoe'],
    ['Nguyễn', 'nguyen'],
    ['Straße', 'STRASSE'],
    ['STRAẞE', 'strasse'],
    ['Łódź', 'lodz'],
    ['Søren', 'SOREN'],
    ['Đặng', 'dang'],
    ['IŞIK', 'ışık'],
    ['İstanbul', 'istanbul'],
    ['Ａｄａ', 'ada'],
    ['ｱｲｳ', 'アイウ'],
    ['ﬁne', 'FINE'],
    ['Æsir', 'aesir'],
    ['Þór', 'thor'],
    ['Ħamrun', 'hamrun'],
    ['Ёлка', 'елка'],
    ['أحمد', 'احمد'],
    ['مُحَمَّد', 'محمد'],
    ['علی', 'علي'],
    ['שָׂרָה', 'שרה'],
    ['O’Brien', "o'brien"],
    ['Ann\u00a0 Lee', 'ann lee'],
    ['A\u200dnn', 'ann'],
    ['한국', '한국'],
  ] as const) {
    it(`is the same for ${one} and ${other}`, () => {
      assert.equal(foldForSearch(one), foldForSearch(other));
      assert.equal(foldForSearch(foldForSearch(one)), foldForSearch(one));
    });
  }

  it('keeps apart what readers keep apart', () => {
    for (const [one, other] of [
      ['कि', 'का'],
      ['か', 'が'],
      ['ann', 'anne'],
      ['漢', '汉'],
    ] as const) {
      assert.notEqual(foldForSearch(one), foldForSearch(other));
    }
  });

  it('folds every letter to a form that is final', () => {
    const unstable = all(/^[\p{L}\p{N}]$/u).filter((letter) => {
      const once = foldForSearch(letter);
      return foldForSearch(once) !== once;
    });
    assert.deepEqual(unstable.slice(0, 20), []);
  });

  it('has a second form where a letter is also written as two', () => {
    assert.deepEqual(searchForms('Müller'), ['muller', 'mueller']);
    assert.deepEqual(searchForms('Mu\u0308ller'), ['muller', 'mueller']);
    assert.deepEqual(searchForms('ĐORĐE'), ['dorde', 'djordje']);
    assert.deepEqual(searchForms('Åke Søren'), ['ake soren', 'aake soeren']);
    assert.deepEqual(searchForms('Straße'), ['strasse']);
    for (const text of ['Mueller', 'Zoë', 'Ёлка', '王小明', '']) {
      assert.deepEqual(searchForms(text), [foldForSearch(text)]);
    }
    assert.deepEqual(searchKeys('Ann Löw'), ['ann low', 'low ann', 'ann loew', 'loew ann']);
    assert.ok(searchKeys('ä ö ü å ø đ '.repeat(5)).length <= 24);
  });

  it('has keys for each word of a name, in each order that begins with one', () => {
    assert.deepEqual(searchKeys('Mary  Ann O’Brien'), [
      ...["mary ann o'brien", "ann o'brien mary", "o'brien mary ann", "brien mary ann o'"],
      ...['mary ann obrien', 'ann obrien mary', 'obrien mary ann'],
    ]);
    assert.deepEqual(searchKeys('王小明'), ['王小明', '小明 王', '明 王小']);
    assert.deepEqual(searchKeys('(Eve)'), ['(eve)', 'eve) (']);
    assert.deepEqual(searchKeys('\u200d'), []);
    assert.ok(searchKeys('漢'.repeat(64)).length <= 24);
  });
});

describe('A name that imitates', () => {
  it('has the skeleton of what it looks like', () => {
    assert.equal(skeleton('раураl'), skeleton('paypal'));
    assert.equal(skeleton('rnary'), skeleton('mary'));
    assert.equal(skeleton('𝐚nn'), skeleton('ann'));
    assert.notEqual(skeleton('ann'), skeleton('bob'));
  });

  for (const name of [
    ...[
      'admin',
      '@admin',
      'Admin',
      'ADMIN',
      'аdmin',
      'аԁmіn',
      'adm1n',
      'admin_2',
      '4dmin',
      'a.d.m.i.n',
      'ádmin',
    ],
    ...[
      'administrat0r',
      'Administrator',
      'rnoderator',
      'parley_support',
      'Parley Support',
      'parley-supp0rt',
    ],
    ...[
      'security-team',
      'Security Team',
      'ＡＤＭＩＮ',
      '𝔸𝕕𝕞𝕚𝕟',
      'ᴀdmin',
      'PARLEY',
      'pariey',
      'The Admin',
      'sуstem',
    ],
    ...[
      'Official Parley',
      'parleybot',
      'tech.support',
      'supportteam',
      'sysadm1n',
      'st4ff',
      'Your Admin',
      'admin\u200d',
    ],
    ...['mod', 'Mod', 'M0D', 'Mods', 'mod-team', 'rnod', 'the_mod', 'mod2'],
    ...[
      'trust-safety',
      'trust_safety',
      'Trust & Safety',
      'Trust and Safety',
      'TrustSafety-Team',
      'tru5t.safety',
    ],
    ...[
      'helpdesk',
      'Help Desk',
      'HelpDesk24',
      'he1p-desk',
      'Service Desk',
      'abuse',
      'Abuse Team',
      'аbuse',
      '4buse',
    ],
    ...[
      'postmaster',
      'p0stmaster',
      'Post Master',
      'noreply',
      'no-reply',
      'No Reply',
      'n0_reply',
      'Do not reply',
    ],
    ...[
      'Mailer-Daemon',
      'Customer Service',
      'customer_care',
      'anti-spam',
      'Super Admin',
      'Administrador',
    ],
    ...['Администратор', 'Модератор 2', '管理员', '客服', '관리자'],
  ]) {
    it(`an operator may not be ${name}`, () => assert.equal(imitatesOperator(name), true));
  }

  for (const name of [
    ...[
      'Ann',
      'Adele',
      'Addison',
      'Barley',
      'Charley',
      'Parleyson',
      'Systema',
      'Stafford',
      'Modi',
      'Modesta',
      'Model',
      'Team',
      'Root',
    ],
    ...[
      'Joe Root',
      'Ann Support',
      'supporter',
      'Admiral',
      'adminton',
      'user1',
      'bot-7',
      'Maddy',
      'Οδυσσεύς',
      '王小明',
    ],
    ...[
      'Joe Mod',
      'Ann Abuse',
      'Reply',
      'Noor Reply',
      'Trust',
      'Safety First',
      'Desk',
      'Ali',
      'Mali',
      'Billing',
    ],
    ...['Модест', '王管理', 'Modibo', 'Ann (mod of cats)', 'Postman', 'Abusir'],
  ]) {
    it(`an operator does not cover ${name}`, () => assert.equal(imitatesOperator(name), false));
  }
});

describe('An isolated name', () => {
  it('is enclosed by what keeps its direction apart', () => {
    assert.equal(isolate('שרה'), '\u2068שרה\u2069');
    assert.equal(isolate(isolate('שרה')), '\u2068שרה\u2069');
    assert.equal(isolate('a\u202eb'), '\u2068a\u202eb\u2069');
    assert.equal(isolate('Ann (王)'), 'Ann (王)');
  });
});
