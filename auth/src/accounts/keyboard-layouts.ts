/** The keys of a keyboard from left to right, row by row, as a US keyboard writes them. */
const US = "qwertyuiop[]asdfghjkl;'zxcvbnm,./";

/**
 * What keyboards with other letters than Latin ones write with the keys of {@link US}; a blank stands for a key that
 * writes more than one letter.
 */
const LAYOUTS: Readonly<Record<string, string>> = {
  russian: 'йцукенгшщзхъфывапролджэячсмитьбю.',
  ukrainian: 'йцукенгшщзхїфівапролджєячсмитьбю.',
  bulgarian: ',уеишщксдзц;ьяаожгтнвмчюйъэфхпрлб',
  bulgarianPhonetic: 'явертъуиопшщасдфгхйкл;’зьцжбнм,./',
  serbian: 'љњертзуиопшђасдфгхјклчћѕџцвбнм,.-',
  greek: ';ςερτυθιοπ[]ασδφγηξκλ΄’ζχψωβνμ,./',
  georgian: 'ქწერტყუიოპ[]ასდფგჰჯკლ;’ზხცვბნმ,./',
  hebrew: '/’קראטוןםפ][שדגכעיחלךף,זסבהנמצתץ.',
  arabic: 'ضصثقفغعهخحجدشسيبلاتنمكطئءؤر ىةوزظ',
  persian: 'ضصثقفغعهخحجچشسیبلاتنمکگظطزرذدپو./',
  thai: 'ๆไำพะัีรนยบลฟหกดเ้่าสวงผปแอิืทมใฝ',
  devanagari: 'ौैाीूबहगदजड़ोे्िुपरकतचटॆंमनवलस,.य',
  korean: 'ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔ[]ㅁㄴㅇㄹㅎㅗㅓㅏㅣ;’ㅋㅌㅊㅍㅠㅜㅡ,./',
  kana: 'たていすかんなにらせ゛゜ちとしはきくまのりれけつさそひこみもねるめ',
  zhuyin: 'ㄆㄊㄍㄐㄔㄗㄧㄛㄟㄣ[]ㄇㄋㄎㄑㄕㄘㄨㄜㄠㄤ’ㄈㄌㄏㄒㄖㄙㄩㄝㄡㄥ',
};

/** Latin keyboards, row by row. QWERTY, QWERTZ, AZERTY and Dvorak are missing: the estimate of a password has them. */
const LATIN: Readonly<Record<string, readonly string[]>> = {
  turkishF: ['fgğıodrnhpqw', 'uieaütkmlyşx', 'jövcçzsb.,'],
  colemak: ['qwfpgjluy;[]', 'arstdhneio’', 'zxcvbkm,./'],
  bepo: ['bépoè^vdljzw', 'auie,ctsrnm', 'àyx.k’qghf'],
};

/** The keys around each key, as the estimate of a password reads them. */
type KeyGraph = Record<string, (string | null)[]>;

/** The Latin keyboards that the estimate of a password does not have by itself. */
export const latinGraphs: Readonly<Record<string, KeyGraph>> = Object.fromEntries(
  Object.entries(LATIN).map(([name, rows]) => [name, graphOf(rows)]),
);

/** The keys of the jamo that Korean syllables are made of, in the order of Unicode. */
const LEADS = 'r R s e E f a q Q t T d w W c z x v g'.split(' ');
const VOWELS = 'k o i O j p u P h hk ho hl y n nj np nl b m ml l'.split(' ');
const FINALS = ' r R rt s sw sg e f fr fa fq ft fx fv fg a q qt t T d w c z x v g'.split(' ');
const SYLLABLES = { first: 0xac00, last: 0xd7a3 };

const tables = Object.values(LAYOUTS).map(tableOf);
const LETTER = /\p{L}/u;

/**
 * What the keys of a text write on a US keyboard, one text for each layout that has all its letters: `qwerty` for
 * `йцукен`, and `gfhjkm` for `пароль`.
 * @param text - in lower case, NFC
 */
export function onUsKeyboard(text: string): string[] {
  const characters = Array.from(text);
  const forms = tables.flatMap((table) => {
    const keys = characters.map(
      (character) =>
        table.get(character) ?? syllableKeys(character, table) ?? unlessLetter(character),
    );
    return keys.every((key) => key !== undefined) ? [keys.join('')] : [];
  });
  return [...new Set(forms)].filter((form) => form !== text);
}

function tableOf(layout: string): ReadonlyMap<string, string> {
  const keys = Array.from(layout, (letter, index): [string, string] => [letter, US[index] ?? '']);
  return new Map(keys.filter(([letter, key]) => letter !== ' ' && key !== ''));
}

/** A digit or sign that the layout does not name is on the same key, or on one that does not matter. */
function unlessLetter(character: string): string | undefined {
  return LETTER.test(character) ? undefined : character;
}

function syllableKeys(character: string, table: ReadonlyMap<string, string>): string | undefined {
  const point = character.codePointAt(0) ?? 0;
  if (point < SYLLABLES.first || point > SYLLABLES.last || !table.has('ㅂ')) return undefined;
  const index = point - SYLLABLES.first;
  const perVowel = FINALS.length;
  const perLead = VOWELS.length * perVowel;
  const keys = [
    LEADS[Math.floor(index / perLead)],
    VOWELS[Math.floor((index % perLead) / perVowel)],
    FINALS[index % perVowel],
  ];
  return keys.join('').toLowerCase();
}

function graphOf(rows: readonly string[]): KeyGraph {
  const graph: KeyGraph = {};
  const keyAt = (row: number, column: number) => {
    const key = rows[row]?.[column];
    return key === undefined ? null : key + key.toUpperCase();
  };
  for (const [row, keys] of rows.entries()) {
    for (const [column, key] of Array.from(keys).entries()) {
      // Each row is shifted by half a key: left, above to the left and right, right, below to the right and left.
      const around = [
        ...[keyAt(row, column - 1), keyAt(row - 1, column), keyAt(row - 1, column + 1)],
        ...[keyAt(row, column + 1), keyAt(row + 1, column), keyAt(row + 1, column - 1)],
      ];
      graph[key] = around;
    }
  }
  return graph;
}
