const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const EMOJI = new RegExp('^\\p{RGI_Emoji}$', 'v');
/** Spares nearly every text the look at its graphemes. */
const BEGINS_WITH_EMOJI =
  /^\s*(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}|[0-9#*]\ufe0f?\u20e3)/u;
/** The longest text that can be nothing but a few emoji, in UTF-16 units. */
const EMOJI_TEXT = 120;

/** How many emoji a text is made of, up to six, when it has nothing else; otherwise 0. */
export function emojiCount(text: string): number {
  if (text.length > EMOJI_TEXT || !BEGINS_WITH_EMOJI.test(text)) return 0;
  let emoji = 0;
  for (const { segment } of graphemes.segment(text.trim())) {
    if (/^\s+$/u.test(segment)) continue;
    if (!EMOJI.test(segment)) return 0;
    emoji += 1;
  }
  return emoji <= 6 ? emoji : 0;
}
