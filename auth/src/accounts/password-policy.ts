import { zxcvbn, zxcvbnOptions } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common';
import { AppError, foldForSearch } from '@parley/common';

import { calendarWords, commonWords } from './common-words.ts';
import { latinGraphs, onUsKeyboard } from './keyboard-layouts.ts';

/** Most characters in one estimate, because an estimate takes more than linear time. */
const ESTIMATED = 32;
/** Most substitutions, such as `@` for `a`, that an estimate undoes: hostile input has thousands of them. */
const SUBSTITUTIONS = 8;
/** Guesses that a password must withstand: an attacker with many addresses makes as many in a few weeks. */
const FEWEST_GUESSES = 1e6;
/** Fewest characters that a password must have besides the names that it contains. */
const OWN_CHARACTERS = 5;
/** Digits and signs around a common word: up to this many, the password is as easy to guess as the word. */
const DECORATION = 6;
/** The same around the name of a month, a weekday or a season: a day, a year and signs. */
const DATE_DECORATION = 10;
/** Fewest letters of a part of a name that is looked for in a password. */
const WORD = 3;
/** What stands between the parts of a name. */
const SEPARATORS = /[ ._'’-]/;
/** A letter, or a mark that belongs to one. */
const LETTER = /[\p{L}\p{M}]/u;

zxcvbnOptions.setOptions({
  dictionary: { ...dictionary, commonWords: [...commonWords], calendarWords: [...calendarWords] },
  graphs: { ...adjacencyGraphs, ...latinGraphs },
  maxLength: ESTIMATED,
  l33tMaxSubstitutions: SUBSTITUTIONS,
});

/** The most common passwords of any length, in lower case, and common words of other languages. */
const COMMON: ReadonlySet<string> = new Set([...dictionary.passwords, ...commonWords]);
const CALENDAR: ReadonlySet<string> = new Set(calendarWords);

const MONTH = '(?:0?[1-9]|1[0-2])';
const DAY = '(?:0?[1-9]|[12][0-9]|3[01])';
const YEAR = '(?:(?:19|20)[0-9]{2})';
/** The digits of a month or a day with a year, in the usual orders. */
const DATE = new RegExp(
  `^(?:${MONTH}${YEAR}|${YEAR}${MONTH}|${DAY}${MONTH}${YEAR}|${MONTH}${DAY}${YEAR}|${YEAR}${MONTH}${DAY}|` +
    `${DAY}${MONTH}[0-9]{2}|${MONTH}${DAY}[0-9]{2}|[0-9]{2}${MONTH}${DAY})$`,
);

/** The names of a user, which are easy to guess in the password of this user. */
export interface PasswordOwner {
  readonly username: string;
  readonly displayName?: string | null | undefined;
}

/**
 * Refuses passwords that are guessed first: common ones and common words in any of many languages, with digits around
 * them, without their accents, or typed on the keys of another keyboard; keyboard walks, repetitions, sequences, dates,
 * months and seasons with a year, and those that are little more than the username, the display name or the name of this
 * product (ASVS 5.0 §6.2.4, §6.2.11). No kinds of characters are required. Takes bounded time for passwords of any length.
 * @param field - the input's field, for the answer
 * @throws AppError `invalid_input`
 */
export function checkNewPassword(password: string, owner: PasswordOwner, field: string): void {
  const lower = password.normalize('NFKC').toLowerCase();
  const folded = foldForSearch(password);
  const names = namesOf(owner);
  if (isDate(lower) || isDate(folded)) {
    throw refuse(
      field,
      'This password is easy to guess, because it is a date: choose several words',
    );
  }
  const typed = onUsKeyboard(password.normalize('NFC').toLowerCase());
  if ([...new Set([lower, folded, ...typed])].some((form) => isCommon(form, names))) {
    throw refuse(field, 'This password is easy to guess: choose several words, or a longer one');
  }
  if ([lower, folded].some((form) => isLittleMoreThan(names, form))) {
    throw refuse(
      field,
      'This password is too close to your username or to the name of this service',
    );
  }
}

function isCommon(form: string, names: readonly string[]): boolean {
  const core = withoutDecoration(form);
  const isWord =
    COMMON.has(core) ||
    COMMON.has(squeezed(core)) ||
    names.some((name) => squeezed(name) === squeezed(core));
  if (COMMON.has(form) || (isWord && form.length - core.length <= DECORATION)) return true;
  return excerptsOf(form).every((part) => zxcvbn(part, [...names]).guesses < FEWEST_GUESSES);
}

/** Whether a text is a date, or a month, weekday or season with a few digits and signs. */
function isDate(form: string): boolean {
  const core = withoutDecoration(form);
  if (core !== '') return CALENDAR.has(core) && form.length - core.length <= DATE_DECORATION;
  const digits = form.replace(/[^0-9]/g, '');
  return DATE.test(digits) && form.length - digits.length <= DECORATION;
}

/** Whether a text consists of names and a few characters, or a few digits and signs, besides. */
function isLittleMoreThan(names: readonly string[], form: string): boolean {
  const rest = names.reduce((left, name) => left.replaceAll(name, ''), form);
  if (rest === form) return false;
  const { length } = Array.from(rest);
  return length < OWN_CHARACTERS || (length <= DECORATION && withoutDecoration(rest) === '');
}

/**
 * The parts of a password that are estimated: all of it, or the beginning and the end of a long one. A password that
 * repeats itself is cut after the first repetition.
 */
export function excerptsOf(password: string): string[] {
  const period = periodOf(password);
  const once = period * 2 <= password.length ? password.slice(0, period * 2) : password;
  const parts = [once.slice(0, ESTIMATED)];
  return once.length > ESTIMATED ? [...parts, once.slice(-ESTIMATED)] : parts;
}

/** The shortest length after which a text repeats itself (Knuth, Morris and Pratt); its own length if it does not. */
function periodOf(text: string): number {
  const border = [0];
  for (let at = 1, length = 0; at < text.length; at += 1) {
    while (length > 0 && text[at] !== text[length]) length = border[length - 1] ?? 0;
    if (text[at] === text[length]) length += 1;
    border.push(length);
  }
  return text.length - (border.at(-1) ?? 0);
}

/** Removes the characters at both ends of a text that are not letters. */
function withoutDecoration(text: string): string {
  const characters = Array.from(text);
  const isLetter = (character: string) => LETTER.test(character);
  const from = characters.findIndex(isLetter);
  return from === -1 ? '' : characters.slice(from, characters.findLastIndex(isLetter) + 1).join('');
}

/** Removes the characters that separate words. */
function squeezed(text: string): string {
  return text.replaceAll(/[ ._-]/g, '');
}

function namesOf({ displayName, username }: PasswordOwner): string[] {
  const shown = (displayName ?? '').normalize('NFKC').toLowerCase();
  const folded = foldForSearch(displayName ?? '');
  const words = [username, shown, folded].flatMap((name) => [
    ...name.split(' '),
    ...name.split(SEPARATORS),
  ]);
  const names = words.filter((word) => word.length >= WORD);
  return [...new Set(['parley', username, shown, folded, ...names])]
    .filter((name) => name !== '')
    .sort((one, other) => other.length - one.length);
}

function refuse(path: string, message: string): AppError {
  return new AppError('invalid_input', message, { issues: [{ path, message }] });
}
