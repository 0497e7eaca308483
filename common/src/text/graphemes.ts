/**
 * What one character is for a reader, where the platform cannot say it: a pair of regional indicators (a flag) or a
 * character, followed by marks, emoji modifiers, tags, and what a zero width joiner joins to it.
 */
const CLUSTER =
  /\r\n|(?:\p{Regional_Indicator}{2}|[^])(?:[\p{M}\p{Emoji_Modifier}\u200c\u{e0020}-\u{e007f}]|\u200d\p{Extended_Pictographic}?)*/gu;

const segmenter = typeof Intl === 'object' && 'Segmenter' in Intl ? new Intl.Segmenter() : null;

/**
 * The characters of a text as a reader counts them (grapheme clusters): a family of emoji, a flag, or a letter with its
 * accents is one. Where `Intl.Segmenter` is missing (older engines of telephones), a simpler rule decides.
 */
export function* graphemes(text: string): Generator<string, void, undefined> {
  if (segmenter === null) {
    for (const [cluster] of text.matchAll(CLUSTER)) yield cluster;
  } else {
    for (const { segment } of segmenter.segment(text)) yield segment;
  }
}

/**
 * The beginning of a text of at most `max` UTF-16 code units, cut where a reader sees the end of a character. If the
 * first character alone is longer, it is cut between two code points, so that no text exceeds `max`.
 */
export function beginning(text: string, max: number): string {
  if (text.length <= max) return text;
  // Whether a character ends at `max` depends on what stands before, and on one code point after.
  const end = endWithin(text.slice(0, max + 2), max);
  return text.slice(0, end > 0 ? end : beforePair(text, max));
}

/** {@link beginning}, with an ellipsis in place of what is left out; `max` is at least 1. */
export function shorten(text: string, max: number): string {
  return text.length <= max ? text : `${beginning(text, Math.max(0, max - 1)).trimEnd()}…`;
}

function endWithin(text: string, max: number): number {
  let end = 0;
  for (const cluster of graphemes(text)) {
    if (end + cluster.length > max) break;
    end += cluster.length;
  }
  return end;
}

/** `max`, or one less if it is inside a surrogate pair. */
function beforePair(text: string, max: number): number {
  return max - ((text.codePointAt(max - 1) ?? 0) > 0xffff ? 1 : 0);
}
