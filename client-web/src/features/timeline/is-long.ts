/** A text with more lines or more UTF-16 units than this is folded. */
const LINES = 20;
const UNITS = 2_000;

/** The lines that are shown of a folded text; the style sheet has the same number. */
export const FOLDED_LINES = 16;

/** Whether a message is so long that only its beginning is shown at first. */
export function isLong(text: string): boolean {
  if (text.length > UNITS) return true;
  let lines = 1;
  for (let at = text.indexOf('\n'); at !== -1 && lines <= LINES; at = text.indexOf('\n', at + 1)) {
    lines += 1;
  }
  return lines > LINES;
}
