import { zxcvbn, zxcvbnOptions } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common';
import { AppError } from '@parley/common';

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
/** Fewest letters of a part of a name that is looked for in a password. */
const WORD = 4;

zxcvbnOptions.setOptions({
  dictionary,
  graphs: adjacencyGraphs,
  maxLength: ESTIMATED,
  l33tMaxSubstitutions: SUBSTITUTIONS,
});

/** The most common passwords of any length, in lower case. */
const COMMON: ReadonlySet<string> = new Set(dictionary.passwords);

/** The names of a user, which are easy to guess in the password of this user. */
export interface PasswordOwner {
  readonly username: string;
  readonly displayName?: string | null | undefined;
}

/**
 * Refuses passwords that are guessed first: common ones, keyboard walks, repetitions, sequences, dates, a common word
 * with a year, and those that are little more than the username, the display name or the name of this product (ASVS 5.0
 * §6.2.4, §6.2.11). No kinds of characters are required. Takes bounded time for passwords of any length.
 * @param field - the input's field, for the answer
 * @throws AppError `invalid_input`
 */
export function checkNewPassword(password: string, owner: PasswordOwner, field: string): void {
  const folded = password.normalize('NFKC').toLowerCase();
  const names = namesOf(owner);
  if (isCommon(folded, names)) {
    throw refuse(field, 'This password is easy to guess: choose several words, or a longer one');
  }
  const rest = names.reduce((left, name) => left.replaceAll(name, ''), folded);
  if (rest !== folded && Array.from(rest).length < OWN_CHARACTERS) {
    throw refuse(
      field,
      'This password is too close to your username or to the name of this service',
    );
  }
}

function isCommon(folded: string, names: readonly string[]): boolean {
  const core = withoutDecoration(folded);
  const isWord = COMMON.has(core) || names.some((name) => squeezed(name) === squeezed(core));
  if (COMMON.has(folded) || (isWord && folded.length - core.length <= DECORATION)) return true;
  return excerptsOf(folded).every((part) => zxcvbn(part, [...names]).guesses < FEWEST_GUESSES);
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
  const isLetter = (character: string) => character.toLowerCase() !== character.toUpperCase();
  const from = characters.findIndex(isLetter);
  return from === -1 ? '' : characters.slice(from, characters.findLastIndex(isLetter) + 1).join('');
}

/** Removes the characters that separate words. */
function squeezed(text: string): string {
  return text.replaceAll(/[ ._-]/g, '');
}

function namesOf({ displayName, username }: PasswordOwner): string[] {
  const shown = (displayName ?? '').normalize('NFKC').toLowerCase();
  const words = [...username.split(/[._-]/), ...shown.split(' ')];
  const names = words.filter((word) => word.length >= WORD);
  return [...new Set(['parley', username, shown, ...names])]
    .filter((name) => name !== '')
    .sort((one, other) => other.length - one.length);
}

function refuse(path: string, message: string): AppError {
  return new AppError('invalid_input', message, { issues: [{ path, message }] });
}
