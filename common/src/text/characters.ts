// eslint-disable-next-line no-control-regex -- these are the characters that are refused
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/u;
// eslint-disable-next-line no-control-regex -- these are the characters that are refused
const CONTROL_OR_LINE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/u;
const BIDI_OVERRIDE = /[\u202a-\u202e\u2066-\u2069]/u;
/**
 * Not white space, not a control or format character, and none of the few symbols and letters that are drawn as nothing:
 * the Braille pattern without dots, the object replacement character, the Khitan filler, two Egyptian blanks and the
 * null note head.
 */
const VISIBLE =
  /[^\u{16fe4}\s\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Noncharacter_Code_Point}\u2800\ufffc\u{13441}\u{13442}\u{1d159}]/u;

/** Number of code points. */
export function codePoints(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0xdc00 || unit > 0xdfff) count += 1;
  }
  return count;
}

/** Number of bytes in UTF-8. */
export function utf8Bytes(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    // Each half of a surrogate pair counts two of the pair's four bytes.
    if (unit < 0x80) count += 1;
    else if (unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff)) count += 2;
    else count += 3;
  }
  return count;
}

/** Whether a text of several lines has no refused control characters and is well-formed Unicode. */
export function isCleanText(text: string): boolean {
  return !CONTROL.test(text) && isWellFormed(text);
}

/** Whether a text of one line (a name, a title) has no control, line or direction-override characters. */
export function isCleanLine(text: string): boolean {
  return !CONTROL_OR_LINE.test(text) && !BIDI_OVERRIDE.test(text) && isWellFormed(text);
}

/** Whether the text shows anything. */
export function isVisible(text: string): boolean {
  return VISIBLE.test(text);
}

/** The text with U+FFFD in place of each half of a surrogate pair: no JSON parser refuses it. */
export function toWellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}

function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}
