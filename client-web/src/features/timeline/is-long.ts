/** A text with more lines, or of a greater width, is folded. */
const LINES = 20;
/** The width in Latin letters. */
const WIDTH = 2_000;

/** The lines that are shown of a folded text; the style sheet has the same number. */
export const FOLDED_LINES = 16;

/** The first UTF-16 unit of the scripts of East Asia, whose characters are about twice as wide as Latin letters. */
const FIRST_WIDE = 0x1100;
/** The halves of surrogate pairs, of which a character has two. */
const SURROGATES = { first: 0xd800, last: 0xdfff };

/** Whether a message is so long that only its beginning is shown at first. */
export function isLong(text: string): boolean {
  let lines = 1;
  let width = 0;
  for (let at = 0; at < text.length && lines <= LINES && width <= WIDTH; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === 0x0a) lines += 1;
    const isHalf = unit >= SURROGATES.first && unit <= SURROGATES.last;
    width += unit < FIRST_WIDE || isHalf ? 1 : 2;
  }
  return lines > LINES || width > WIDTH;
}
