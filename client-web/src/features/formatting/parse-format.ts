import { type Inline, parseInline } from './parse-inline.ts';

/** One line of a block. `mark` and `after` belong to the source and are not shown. */
export interface FormatLine {
  /** What stands before the text: "> ", "- ", "12. ". */
  readonly mark: string;
  readonly parts: readonly Inline[];
  /** The line break, or nothing at the end of the text. */
  readonly after: string;
}

/** A part of a message. Its marks, texts and line breaks, in order, are the source. */
export type FormatBlock =
  /** Ordinary lines, shown with their line breaks. */
  | { readonly kind: 'text'; readonly parts: readonly Inline[]; readonly after: string }
  | { readonly kind: 'quote' | 'bullets'; readonly lines: readonly FormatLine[] }
  | { readonly kind: 'numbers'; readonly lines: readonly FormatLine[] }
  | {
      readonly kind: 'fence';
      readonly open: string;
      readonly code: string;
      readonly close: string;
    };

const FENCE = '```';
/** A line that begins with one of these belongs to a block. */
const LINE_MARKS = [
  ['quote', /^> ?(?=\S)|^>$/u],
  ['bullets', /^[*-] (?=\S)/u],
  ['numbers', /^\d{1,3}[.)] (?=\S)/u],
] as const;
/** A quote needs a blank: `>_<` and `>5` are none. */
const QUOTE = /^> /u;

/**
 * Parses the formatting of a message as WhatsApp writes it, in a time that grows with the length of the text only:
 * fenced code, quotes, bullets, numbered lists, and the styles of `parseInline`. Nothing is lost:
 * `sourceOf(parseFormat(text)) === text` for every text.
 */
export function parseFormat(text: string): readonly FormatBlock[] {
  const blocks: FormatBlock[] = [];
  let done = 0;
  for (const { start, end, codeStart, codeEnd } of fences(text)) {
    // The line breaks around a fence are part of its marks: it is a block of its own on the page.
    const before = text.charAt(start - 1) === '\n' && start > done ? start - 1 : start;
    pushLines(blocks, text.slice(done, before));
    blocks.push({
      kind: 'fence',
      open: text.slice(before, codeStart),
      code: text.slice(codeStart, codeEnd),
      close: text.slice(codeEnd, end),
    });
    done = end;
  }
  pushLines(blocks, text.slice(done));
  return blocks;
}

interface Fence {
  readonly start: number;
  readonly end: number;
  readonly codeStart: number;
  readonly codeEnd: number;
}

/** The fenced blocks of several lines; a fence on one line is code within the line. */
function* fences(text: string): Generator<Fence> {
  let start = text.indexOf(FENCE);
  while (start !== -1) {
    const inside = start + FENCE.length;
    const close = text.indexOf(FENCE, inside);
    if (close === -1) return;
    const code = text.slice(inside, close);
    if (!code.includes('\n') || code.trim() === '') {
      start = text.indexOf(FENCE, code.trim() === '' ? inside : close + FENCE.length);
      continue;
    }
    const codeStart = code.startsWith('\n') ? inside + 1 : inside;
    const codeEnd = text.charAt(close - 1) === '\n' && close - 1 > codeStart ? close - 1 : close;
    const after = close + FENCE.length;
    const end = text.charAt(after) === '\n' ? after + 1 : after;
    yield { start, end, codeStart, codeEnd };
    start = text.indexOf(FENCE, end);
  }
}

type LineKind = (typeof LINE_MARKS)[number][0];

function pushLines(blocks: FormatBlock[], text: string): void {
  if (text === '') return;
  const lines = text.split('\n');
  let run: FormatLine[] = [];
  let kind: LineKind | null = null;
  const flush = () => {
    if (run.length > 0) blocks.push(blockOf(kind, run));
    run = [];
  };
  for (const [index, line] of lines.entries()) {
    const found = kindOf(line, kind);
    if (found.kind !== kind) flush();
    ({ kind } = found);
    const after = index < lines.length - 1 ? '\n' : '';
    run.push({ mark: found.mark, parts: parseInline(line.slice(found.mark.length)), after });
  }
  flush();
}

function kindOf(line: string, before: LineKind | null) {
  for (const [kind, pattern] of LINE_MARKS) {
    const mark = pattern.exec(line)?.[0];
    if (mark === undefined) continue;
    // A line without text continues a quote; only one with text begins it.
    if (kind === 'quote' && before !== 'quote' && !QUOTE.test(line)) continue;
    return { kind, mark };
  }
  return { kind: null, mark: '' };
}

/** Ordinary lines become one run of parts with the line breaks in it, except the last, which the next block replaces. */
function blockOf(kind: LineKind | null, lines: readonly FormatLine[]): FormatBlock {
  if (kind !== null) return { kind, lines };
  const parts: Inline[] = [];
  for (const [index, line] of lines.entries()) {
    const isLast = index === lines.length - 1;
    const [first, ...rest] = line.parts;
    const last = parts.at(-1);
    if (first?.kind === 'text' && last?.kind === 'text') {
      parts[parts.length - 1] = { kind: 'text', text: last.text + first.text };
      parts.push(...rest);
    } else parts.push(...line.parts);
    if (isLast || line.after === '') continue;
    const end = parts.at(-1);
    if (end?.kind === 'text')
      parts[parts.length - 1] = { kind: 'text', text: end.text + line.after };
    else parts.push({ kind: 'text', text: line.after });
  }
  return { kind: 'text', parts, after: lines.at(-1)?.after ?? '' };
}
