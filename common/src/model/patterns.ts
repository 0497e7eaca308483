// What the schemas accept, as patterns that the API documents can contain too: they use only character classes that
// every regular expression engine has, and match without backtracking.

const BLANK = '\\t\\n \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff';
const CONTROL = '\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f';
const LINE = '\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069';

/** Texts of several lines without control characters, and not blank. */
export const TEXT_PATTERN = `^[${BLANK}]*[^${BLANK}${CONTROL}][^${CONTROL}]*$`;

/**
 * Texts of one line without control and direction-override characters, and not blank.
 * @param first - further characters that the first one may not be, as in a character class
 * @param any - further characters that none may be
 */
export function linePattern({ any = '', first = '' } = {}): string {
  const blank = ` \\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000\\ufeff`;
  return `^[${blank}]*[^${blank}${LINE}${any}${first}][^${LINE}${any}]*$`;
}
