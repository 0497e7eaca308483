/** A part of a message: words, or a link that is safe to follow. */
export type TextPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly href: string };

/** Addresses stop at spaces, quotes, angle brackets and characters that turn the direction of text. */
const STOP = '\\s<>"\'`\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069';
const ADDRESS = new RegExp(
  `(?:https?://[^${STOP}]+|mailto:[^${STOP}]+|www\\.[^${STOP}]+\\.[^${STOP}]+|` +
    `[a-z0-9._%+-]+@[a-z0-9-]+(?:\\.[a-z0-9-]+)*\\.[a-z]{2,24})`,
  'giu',
);
const PROTOCOLS = new Set(['http:', 'https:', 'mailto:']);

/** Finds the links in a text. Only http, https and mailto become links; everything else stays text. */
export function parseText(text: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  let done = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const found = trimAddress(match[0]);
    const href = hrefOf(found);
    if (href === null || isInsideWord(text, match.index)) continue;
    if (match.index > done) parts.push({ kind: 'text', text: text.slice(done, match.index) });
    parts.push({ kind: 'link', text: found, href });
    done = match.index + found.length;
  }
  if (done < text.length) parts.push({ kind: 'text', text: text.slice(done) });
  return parts;
}

function isInsideWord(text: string, index: number): boolean {
  return index > 0 && /[\p{L}\p{N}_/@:.-]/u.test(text.charAt(index - 1));
}

/** Leaves out the punctuation that ends a sentence, and a closing bracket without its opening one. */
function trimAddress(address: string): string {
  let end = address.length;
  for (;;) {
    const last = address.charAt(end - 1);
    const opening = { ')': '(', ']': '[', '}': '{' }[last];
    const open = opening !== undefined && count(address, opening, end) >= count(address, last, end);
    if (open || (opening === undefined && !/[.,:;!?…*_~]/u.test(last))) break;
    end -= 1;
  }
  return address.slice(0, end);
}

function count(text: string, character: string, end: number): number {
  let found = 0;
  for (let index = 0; index < end; index += 1) if (text.charAt(index) === character) found += 1;
  return found;
}

function hrefOf(address: string): string | null {
  const withProtocol = /^(?:https?|mailto):/iu.test(address)
    ? address
    : address.toLowerCase().startsWith('www.')
      ? `https://${address}`
      : `mailto:${address}`;
  if (!URL.canParse(withProtocol)) return null;
  const url = new URL(withProtocol);
  const complete = url.protocol === 'mailto:' ? url.pathname.includes('@') : url.hostname !== '';
  return PROTOCOLS.has(url.protocol) && complete ? url.href : null;
}

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
