import assert from 'node:assert/strict';
import { AppError } from '@parley/common';

import { calendarWords } from '../src/accounts/common-words.ts';
import { onUsKeyboard } from '../src/accounts/keyboard-layouts.ts';
import { checkNewPassword } from '../src/accounts/password-policy.ts';

const OWNER = { username: 'maria.lopez', displayName: 'Zoë Müller-Đorđević' };

/** The message of the refusal; `null` if the password is accepted. */
function refusalOf(password: string, owner = OWNER): string | null {
  try {
    checkNewPassword(password, owner, 'newPassword');
    return null;
  } catch (error) {
    assert.ok(error instanceof AppError);
    assert.equal(error.code, 'invalid_input');
    const { issues, message } = error.toBody();
    assert.deepEqual(issues, [{ path: 'newPassword', message }]);
    return message;
  }
}

const guessed: Readonly<Record<string, readonly string[]>> = {
  'a common word of another language': [
    ...['contraseña', 'Contraseña1', 'contrasena', 'пароль123', 'ПАРОЛЬ2026!', 'motdepasse1'],
    ...[
      'passwort2026',
      'lösenord1',
      'hasło1234',
      'hasło!!!!',
      'jelszó99!',
      'şifre123',
      'şifre2026!',
    ],
    ...[
      'κωδικός1',
      'σαγαπώ123',
      'סיסמה123',
      'مرحبا123',
      '密码123456',
      'パスワード123',
      '비밀번호123!',
    ],
    ...[
      'привет2026',
      'любовь!!!',
      'p4rol123',
      'euteamo1',
      'benvenuto!',
      'salasana12',
      'tequiero99',
    ],
  ],
  'a walk over the keys of another keyboard': [
    ...['йцукенгш', 'йцукенгшщз', 'фывапролдж', 'ячсмитьбю', '1й2ц3у4к', 'йцукен123', 'явертъуи'],
    ...[
      'ςερτυθιοπ',
      'ασδφγηξκ',
      'קראטוןםפ',
      'ضصثقفغعه',
      'ㅂㅈㄷㄱㅅㅛㅕㅑ',
      'たていすかんなに',
      'ქწერტყუი',
    ],
    ...['azertyuiop', 'qsdfghjklm', 'qwertzuiop', 'yxcvbnm,', 'qwfpgjluy', 'fgğıodrnh', 'ฟหกดเ้่า'],
  ],
  'a common password typed on another keyboard': [
    'зфыыцщкв',
    'ШДЩМУНЩГ',
    'gfhjkm123',
    'ㅔㅁㄴㄴ재ㄱㅇ',
  ],
};
for (const [what, passwords] of Object.entries(guessed)) {
  describe(`A password that is ${what}`, () => {
    for (const password of passwords) {
      it(`such as ${password} is refused`, () =>
        assert.match(refusalOf(password) ?? '', /easy to guess/));
    }
  });
}

describe('A password that is a date', () => {
  for (const password of [
    ...[
      'jan2026!',
      'Jan2026!',
      '2026january',
      'january26',
      'Januar2026!',
      'janvier2026',
      'enero2026',
    ],
    ...[
      'январь2026',
      'января2026',
      '15января1984',
      'лето2026!',
      'été2026!!',
      'kwiecień2026',
      'ağustos99',
    ],
    ...[
      'Herbst2026',
      'wiosna2026',
      'monday123',
      'Dienstag1!',
      'понедельник1',
      '12.dec.1984!',
      'ιανουάριος26',
    ],
    ...[
      '01.2026!!',
      '2026-01!!',
      '12/1984!',
      '01/02/1990!!',
      '1984-12-24',
      '여름2026!!',
      'يناير2026',
    ],
  ]) {
    it(`such as ${password} is refused and called one`, () =>
      assert.match(refusalOf(password) ?? '', /date/));
  }

  it('is looked for in the months and weekdays of many languages', () => {
    for (const word of ['december', 'dez', 'mercredi', 'февраля', 'szerda', 'tammikuu', 'temmuz']) {
      assert.ok(calendarWords.includes(word), word);
    }
  });
});

describe('A password that is little more than a name', () => {
  for (const password of [
    ...[
      'maria.lopez1',
      'MariaLopez26',
      'lopezmaria2026!',
      'maria2026lopez',
      'zepol2026',
      'maria12345',
    ],
    ...['Zoë Müller1', 'müller2026!', 'muller2026!', 'đorđević99!', 'dordevic1984', 'm4ri4.lop3z'],
    ...['2026müller!', 'Müller-Đorđević', 'parley2026!!'],
  ]) {
    it(`such as ${password} is refused`, () => assert.notEqual(refusalOf(password), null));
  }

  it('in another script is refused too', () => {
    const owner = { username: 'ivan', displayName: 'Наташа Ёлкина' };
    for (const password of ['ёлкина2026', 'елкина1984!', 'наташа12345', 'ivan123456']) {
      assert.notEqual(refusalOf(password, owner), null, password);
    }
  });
});

describe('A password that is not guessed soon', () => {
  for (const password of [
    ...[
      'correct horse battery staple',
      'vier Katzen im Januar 2026',
      'пароль не простой',
      'x7#kQ9!z',
    ],
    ...[
      'quatre chats dorment en été',
      'tres gatos y una contraseña',
      'в мае цвели три яблони',
      'Nine cats slept.',
    ],
    ...[
      'maria went to the lopez market',
      'Jan7#kQ9!zw',
      '王小明 likes 烏龍茶',
      '😀🌻🚂🦔🧵🍉⚓🎲',
      'aaaabbbbccccdddd',
    ],
    ...[
      'зелёный-чайник-поёт',
      'שלושה חתולים ישנים',
      '고양이 세 마리가 잔다',
      'ねこがさんびきいる',
      'four words, and then some. '.repeat(9),
    ],
  ]) {
    it(`such as ${password.slice(0, 30)} is accepted`, () =>
      assert.equal(refusalOf(password), null));
  }
});

describe('The keys of a text', () => {
  it('are those of a US keyboard, for each layout that has all letters', () => {
    for (const [text, keys] of [
      ['йцукен 1', 'qwerty 1'],
      ['пароль', 'gfhjkm'],
      ['явертъ', 'qwerty'],
      ['비밀번호', 'qlalfqjsgh'],
      ['קראטו', 'ertyu'],
    ] as const) {
      assert.ok(onUsKeyboard(text).includes(keys), text);
    }
    assert.deepEqual(onUsKeyboard('王小明'), []);
    assert.deepEqual(onUsKeyboard('12345678'), []);
  });
});
