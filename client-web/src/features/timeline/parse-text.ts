import LinkifyIt from 'linkify-it';

/** A part of a message: plain text, or a link that is safe to open. */
export type TextPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly href: string };

/** Maximum length of a link in UTF-16 units; longer addresses stay text, which bounds the parsing time. */
const LONGEST_LINK = 2_048;
/**
 * A link ends at white space, quotes, angle brackets, characters that change the direction of text,
 * and full-width punctuation: in Chinese and Japanese no space separates a link from the following text.
 */
const LINK_END =
  /[\s<>"`\u200e\u200f\u202a-\u202e\u2066-\u2069\u3000-\u3003\u3008-\u3011\u3014-\u301f\uff01\uff08\uff09\uff0c\uff0e\uff1a\uff1b\uff1f\uff3b\uff3d\uff5b-\uff65‘’“”…、。]/u;
/** What ends a sentence or a part of one in other scripts, such as the danda; the library knows that of ASCII. */
const SENTENCE_END = /^(?!\p{ASCII})\p{Terminal_Punctuation}$/u;
/** A mail address. Each part has a maximum length, so that matching takes linear time. */
const MAIL =
  '(?<![a-z0-9._%+-])[a-z0-9._%+-]{1,64}@[a-z0-9-]{1,63}(?:\\.[a-z0-9-]{1,63}){0,8}\\.[a-z]{2,24}';
/** The beginning of a possible link. */
const LINK_START = new RegExp(`https?:(?=//)|mailto:|www\\.|${MAIL}`, 'giu');
/** Scripts without spaces between words, so that a link may directly follow one of their letters. */
const WITHOUT_SPACES =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
/** An IPv6 host, which linkify-it does not support: a host name of the same length is measured instead. */
const IPV6_HOST = /(?<=^https?:\/\/)\[[0-9a-f:.]{2,45}\]/iu;
/** Formatting marks at the end of a word, before its punctuation: up to three styles can end there. */
const END_MARKS = /[*_~]{1,3}(?=[.,;:!?)\]}"']{0,8}$)/u;
/** How far before a link an opening formatting mark is looked for, in UTF-16 units. */
const LOOK_BACK = 500;
const PROTOCOLS = new Set(['http:', 'https:', 'mailto:']);

const linkify = new LinkifyIt();

/**
 * Finds the links in a text. Only http, https and mailto become links; everything else stays text.
 * Concatenating the parts gives the original text.
 */
export function parseText(text: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  let done = 0;
  for (const { 0: start, index } of text.matchAll(LINK_START)) {
    if (index < done || isInsideWord(text, index)) continue;
    const rest = text.slice(index, index + LONGEST_LINK);
    const link = linkAt(
      withoutEndMarks(rest, text.slice(Math.max(0, index - LOOK_BACK), index)),
      start,
    );
    const href = hrefOf(link);
    if (href === null) continue;
    if (index > done) parts.push({ kind: 'text', text: text.slice(done, index) });
    parts.push({ kind: 'link', text: link, href });
    done = index + link.length;
  }
  if (done < text.length) parts.push({ kind: 'text', text: text.slice(done) });
  return parts;
}

/** Whether a formatting mark stands before `index`, as in `*https://…*`. */
function isStyled(text: string, index: number): boolean {
  return /(?:^|[\s*_~([{"'>-])[*_~]$/u.test(text.slice(Math.max(0, index - 2), index));
}

/** Whether the character before `index` belongs to the same word as the text at `index`. */
function isInsideWord(text: string, index: number): boolean {
  if (index === 0 || isStyled(text, index)) return false;
  const code = text.codePointAt(index - 1) ?? 0;
  const isLowSurrogate = code >= 0xdc00 && code <= 0xdfff;
  const before = isLowSurrogate ? text.slice(index - 2, index) : text.charAt(index - 1);
  return /[\p{L}\p{N}_/@:.-]/u.test(before) && !WITHOUT_SPACES.test(before);
}

/** The text up to the formatting marks at the end of its first word, if the same marks stand on the line before it. */
function withoutEndMarks(rest: string, before: string): string {
  const word = rest.slice(0, endOf(rest));
  const marks = END_MARKS.exec(word);
  if (marks === null) return rest;
  const line = before.slice(before.lastIndexOf('\n') + 1);
  return line.includes(marks[0].charAt(0)) ? word.slice(0, marks.index) : rest;
}

/** The link at the beginning of `rest`, which begins with `start`; empty if there is none. */
function linkAt(rest: string, start: string): string {
  if (start.includes('@')) return start;
  const candidate = rest.slice(0, endOf(rest));
  const measured = candidate.replace(IPV6_HOST, (host) => 'a'.repeat(host.length));
  const schema = start.toLowerCase();
  if (schema === 'www.') {
    return candidate.slice(0, Math.max(0, linkify.testSchemaAt(`//${candidate}`, 'http:', 0) - 2));
  }
  const length = linkify.testSchemaAt(measured, schema, start.length);
  return length === 0 ? '' : candidate.slice(0, start.length + length);
}

function endOf(rest: string): number {
  const found = rest.search(LINK_END);
  let end = found === -1 ? rest.length : found;
  while (SENTENCE_END.test(rest.charAt(end - 1))) end -= 1;
  return end;
}

function hrefOf(link: string): string | null {
  if (link === '') return null;
  const isBareHost = /^www\./iu.test(link);
  const address = /^(?:https?|mailto):/iu.test(link)
    ? link
    : `${isBareHost ? 'https://' : 'mailto:'}${link}`;
  const url = toUrl(address);
  if (url === null || !PROTOCOLS.has(url.protocol)) return null;
  return isComplete(url, isBareHost ? /[^.]\.[^.]+\.[^.]/u : /[^.]/u) ? url.href : null;
}

/** Not `URL.canParse`: when Node 20 has optimized it, it denies every address with an accented letter. */
function toUrl(address: string): URL | null {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}

function isComplete(url: URL, host: RegExp): boolean {
  return url.protocol === 'mailto:' ? url.pathname.includes('@') : host.test(url.hostname);
}
