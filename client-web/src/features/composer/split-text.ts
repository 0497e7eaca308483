import { codePoints, graphemes } from '@parley/common';

/** Ends of a part, the best first: a paragraph, a line, a sentence, a word. */
const ENDS = ['\n\n', '\n', '. ', ' '] as const;

/**
 * Splits a text into parts of at most `max` code points, at the end of a paragraph, line, sentence or word if there is
 * one in the second half of a part, otherwise between two characters. Blanks around the parts are removed.
 */
export function splitText(text: string, max: number): readonly string[] {
  const parts: string[] = [];
  let rest = text.normalize('NFC').trim();
  while (codePoints(rest) > max) {
    const whole = longestStart(rest, max);
    const cut = cutOf(whole);
    parts.push(rest.slice(0, cut).trim());
    rest = rest.slice(cut).trim();
  }
  return [...parts, rest].filter((part) => part !== '');
}

/** The longest beginning of whole characters with at most `max` code points. */
function longestStart(text: string, max: number): string {
  let length = 0;
  let count = 0;
  for (const character of graphemes(text)) {
    count += codePoints(character);
    if (count > max) break;
    length += character.length;
  }
  // One character of more code points than a part may have is cut.
  return length > 0 ? text.slice(0, length) : Array.from(text).slice(0, max).join('');
}

function cutOf(text: string): number {
  for (const end of ENDS) {
    const at = text.lastIndexOf(end);
    if (at >= text.length / 2) return at + end.length;
  }
  return text.length;
}
