import { isCleanLine } from './characters.ts';

/** Most marks on one letter. Vietnamese and Hebrew need four, Tibetan and Sanskrit a few more. */
const MARKS = 8;
/** Most accents of any script on one letter; piled up, they cover the lines above and below. */
const ACCENTS = 4;
const ACCENT =
  '[\\u0300-\\u036f]|[\\u1ab0-\\u1aff]|[\\u1dc0-\\u1dff]|[\\u20d0-\\u20ff]|[\\ufe20-\\ufe2f]';
const TOO_MANY_MARKS = new RegExp(`\\p{M}{${MARKS + 1}}|(?:${ACCENT}){${ACCENTS + 1}}`, 'u');
const BEGINS_WITH_MARK = /^\p{M}/u;
/** A flag of a region that is spelled in tag characters, such as that of Scotland. */
const TAG_SEQUENCE = /\u{1f3f4}[\u{e0030}-\u{e0039}\u{e0061}-\u{e007a}]{1,6}\u{e007f}/gu;
/**
 * What is invisible and yet needed: between two visible characters a joiner or non-joiner (emoji, Persian, Indic
 * scripts), and after one a variation selector (emoji, Mongolian, Chinese).
 */
const JOINERS =
  /(?<=[\p{L}\p{M}\p{Emoji}\p{Emoji_Modifier}\ufe0f])[\u200c\u200d](?=[\p{L}\p{M}\p{Emoji}])/gu;
const SELECTORS =
  /(?<=[\p{L}\p{N}\p{S}\p{P}])[\ufe00-\ufe0f\u180b-\u180d\u180f\u{e0100}-\u{e01ef}]/gu;
/** Soft hyphens, marks of direction, tags, fillers and all else that is never drawn. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cf}\ufffc]/u;

/**
 * Whether a line may name somebody or something: a clean line without invisible characters, except those that emoji and
 * scripts need, that begins with no combining mark and piles up no marks.
 */
export function isCleanName(text: string): boolean {
  if (!isCleanLine(text) || BEGINS_WITH_MARK.test(text) || TOO_MANY_MARKS.test(text)) return false;
  return !INVISIBLE.test(
    text.replace(TAG_SEQUENCE, '').replace(SELECTORS, '').replace(JOINERS, ''),
  );
}

/** A name as it was typed or pasted, without the invisible characters that {@link isCleanName} refuses. */
export function cleanName(text: string): string {
  if (isCleanName(text)) return text;
  return text.replace(/[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/gu, '');
}
