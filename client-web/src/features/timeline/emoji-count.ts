import { graphemes } from '@parley/common';

const EMOJI = new RegExp('^\\p{RGI_Emoji}$', 'v');
/** A cheap check that lets most texts skip the grapheme segmentation. */
const BEGINS_WITH_EMOJI =
  /^\s*(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}|[0-9#*]\ufe0f?\u20e3)/u;
/** Maximum length of a text of only a few emoji, in UTF-16 units. */
const EMOJI_TEXT = 120;

/** The number of emoji if the text contains only emoji and at most six of them; otherwise 0. */
export function emojiCount(text: string): number {
  if (text.length > EMOJI_TEXT || !BEGINS_WITH_EMOJI.test(text)) return 0;
  let emoji = 0;
  for (const segment of graphemes(text.trim())) {
    if (/^\s+$/u.test(segment)) continue;
    if (!EMOJI.test(segment)) return 0;
    emoji += 1;
  }
  return emoji <= 6 ? emoji : 0;
}
