/** A part of a message: words, or a link that is safe to follow. */
export type TextPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly href: string };

/** Addresses stop at spaces, quotes, angle brackets and characters that turn the direction of text. */
const STOP = '\\s<>"\'`\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069';
/** A mail address; bounded, and only from the beginning of a word, so that no text takes long. */
const MAIL =
  '(?<![a-z0-9._%+-])[a-z0-9._%+-]{1,64}@[a-z0-9-]{1,63}(?:\\.[a-z0-9-]{1,63}){0,8}\\.[a-z]{2,24}';
const ADDRESS = new RegExp(
  `https?://[^${STOP}]+|mailto:[^${STOP}]+|www\\.[^${STOP}]+|${MAIL}`,
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

const OPENING: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

/** Leaves out the punctuation that ends a sentence, and a closing bracket without its opening one. */
function trimAddress(address: string): string {
  const count = new Map<string, number>();
  for (const character of address) count.set(character, (count.get(character) ?? 0) + 1);
  let end = address.length;
  for (; end > 0; end -= 1) {
    const last = address.charAt(end - 1);
    const opening = OPENING[last];
    const closings = count.get(last) ?? 0;
    if (
      opening === undefined ? !/[.,:;!?…*_~]/u.test(last) : closings <= (count.get(opening) ?? 0)
    ) {
      break;
    }
    count.set(last, closings - 1);
  }
  return address.slice(0, end);
}

function hrefOf(address: string): string | null {
  const bareHost = /^www\./iu.test(address);
  const withProtocol = /^(?:https?|mailto):/iu.test(address)
    ? address
    : `${bareHost ? 'https://' : 'mailto:'}${address}`;
  if (!URL.canParse(withProtocol)) return null;
  const url = new URL(withProtocol);
  if (!PROTOCOLS.has(url.protocol)) return null;
  return isComplete(url, bareHost ? /[^.]\.[^.]+\.[^.]/u : /[^.]/u) ? url.href : null;
}

function isComplete(url: URL, host: RegExp): boolean {
  return url.protocol === 'mailto:' ? url.pathname.includes('@') : host.test(url.hostname);
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
