/** Letters that Unicode does not take apart, and letters of which a script has two forms. */
const LETTERS: Readonly<Record<string, string>> = {
  ...{ ß: 'ss', ł: 'l', ø: 'o', đ: 'd', ð: 'd', ħ: 'h', ŧ: 't', þ: 'th', æ: 'ae', œ: 'oe' },
  ...{ ı: 'i', ŋ: 'n', ĸ: 'k', ƶ: 'z', ɨ: 'i', ʉ: 'u', ɓ: 'b', ɗ: 'd', ƙ: 'k', ə: 'e', ⱥ: 'a' },
  ...{ ς: 'σ', ך: 'כ', ם: 'מ', ן: 'נ', ף: 'פ', ץ: 'צ', ى: 'ي', ی: 'ي', ک: 'ك', ة: 'ه', ٱ: 'ا' },
  ...{ ґ: 'г', ў: 'у', '’': "'", ʼ: "'", ʻ: "'", ʹ: "'", '`': "'", '´': "'", '‘': "'" },
  ...{ '‐': '-', '‑': '-', '‒': '-', '–': '-', '—': '-', '−': '-' },
};
const LETTER = new RegExp(`[${Object.keys(LETTERS).join('')}]`, 'gu');
/**
 * Accents, points and tone marks, and what is not drawn. Vowel signs of Indic scripts and the voicing of kana are letters
 * to their readers and stay.
 */
const DROPPED =
  /[\u0300-\u036f]|[\u0653-\u0655\p{Default_Ignorable_Code_Point}\p{Cf}\u0640]|(?=\p{Diacritic})(?![\u3099\u309a\p{Script=Devanagari}])\p{M}/gu;
const APOSTROPHES = /(?<=\p{L})['-](?=\p{L})/gu;
/** The beginning of a word; in scripts that put no spaces between words, each letter may be one. */
const WORD_START =
  /(?<![\p{L}\p{N}\p{M}])[\p{L}\p{N}]|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/gu;
/** What is written for a letter where the keyboard or the document lacks it: in German, Nordic and South Slavic names. */
const SPELLED_OUT: Readonly<Record<string, string>> = {
  ...{ ä: 'ae', ö: 'oe', ü: 'ue', å: 'aa', ø: 'oe', đ: 'dj' },
};
const SPELLED = new RegExp(`[${Object.keys(SPELLED_OUT).join('')}]`, 'gu');
/** Most keys of one name, which bounds the index. */
const MOST_KEYS = 24;

/**
 * A text as it is searched: without regard to case, accents, width and presentation forms, with one space between words.
 * Two texts that a reader takes for the same word have the same form: "Straße" and "STRASSE", "ΟΔΥΣΣΕΥΣ" and "οδυσσευς",
 * "Łódź" and "lodz".
 */
export function foldForSearch(text: string): string {
  return text
    .normalize('NFKD')
    .replace(DROPPED, '')
    .toLowerCase()
    .normalize('NFKD')
    .replace(DROPPED, '')
    .replace(LETTER, (letter) => LETTERS[letter] ?? letter)
    .normalize('NFKC')
    .replace(/\s+/gu, ' ')
    .trim();
}

/**
 * The forms of a text that are searched: folded, and, if it has letters that are also written as two, folded with these:
 * "muller" and "mueller" for "Müller". A name is found if a form of it has a form of the query; "joe" finds
 * "Jörg" but not "John".
 */
export function searchForms(text: string): string[] {
  const spelled = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(SPELLED, (letter) => SPELLED_OUT[letter] ?? letter);
  return [...new Set([foldForSearch(text), foldForSearch(spelled)])];
}

/**
 * What a name is found by: the beginning of any of these. They are the {@link searchForms} of the whole name and, from
 * each of its words on, the rest followed by what stands before, so that "archer ann" finds "Ann Archer". At most 24.
 */
export function searchKeys(name: string): string[] {
  const forms = searchForms(name);
  const keys = new Set(
    forms.flatMap((form) => [...beginnings(form), ...beginnings(form.replace(APOSTROPHES, ''))]),
  );
  return [...keys].slice(0, MOST_KEYS);
}

function* beginnings(folded: string): Generator<string> {
  if (folded !== '') yield folded;
  for (const { index } of folded.matchAll(WORD_START)) {
    const before = folded.slice(0, index).trim();
    if (before !== '') yield `${folded.slice(index)} ${before}`;
  }
}
