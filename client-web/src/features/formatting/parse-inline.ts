import { parseText, type TextPart } from '../timeline/parse-text.ts';

const STYLES = { '*': 'bold', _: 'italic', '~': 'strike' } as const;
type StyleMark = keyof typeof STYLES;

/** A part of a line. The texts of all parts with their marks, in order, are the source. */
export type Inline =
  | TextPart
  /** Shown literally, in a monospaced font. `mark` stands before and after it in the source. */
  | { readonly kind: 'code'; readonly mark: string; readonly text: string }
  | {
      readonly kind: (typeof STYLES)[StyleMark];
      readonly mark: StyleMark;
      readonly parts: readonly Inline[];
    };

/** A style that has begun and may end later on the line. */
interface Frame {
  readonly mark: StyleMark | null;
  readonly parts: Inline[];
  /** Whether it contains more than blanks and marks. */
  hasContent: boolean;
}

const FENCE = '```';
/** What may stand before an opening and after a closing mark, so that `snake_case` and `2*3*4` stay as they are. */
const BEFORE = /[\s*_~([{<"'`“‘«„¿¡…—–:;,.!?/|-]/u;
const AFTER = /[\s*_~)\]}>"'`”’»“…—–:;,.!?/|-]/u;

/**
 * Parses one line, in a time that grows with its length only: `*bold*`, `_italic_`, `~strike~`, code in
 * backticks, and links. A style has no blank inside its marks; what does not close stays text.
 */
export function parseInline(line: string): readonly Inline[] {
  const parser = new LineParser(line);
  let done = 0;
  for (const { start, end, mark } of codeSpans(line)) {
    parser.words(done, start);
    parser.add({ kind: 'code', mark, text: line.slice(start + mark.length, end - mark.length) });
    done = end;
  }
  parser.words(done, line.length);
  return parser.end();
}

interface CodeSpan {
  readonly start: number;
  readonly end: number;
  readonly mark: string;
}

/** The spans between equal backticks, outside of which the line is parsed further. */
function* codeSpans(line: string): Generator<CodeSpan> {
  let at = line.indexOf('`');
  // Once a mark has no end on the line, it is not looked for again.
  const endless = new Set<string>();
  while (at !== -1) {
    const mark = line.startsWith(FENCE, at) && !endless.has(FENCE) ? FENCE : '`';
    const close = endless.has(mark) ? -1 : line.indexOf(mark, at + mark.length);
    if (close === -1) endless.add(mark);
    if (close === -1 && mark === FENCE) continue;
    if (close === -1) return;
    const isEmpty = line.slice(at + mark.length, close).trim() === '';
    if (!isEmpty) yield { start: at, end: close + mark.length, mark };
    at = line.indexOf('`', isEmpty ? at + 1 : close + mark.length);
  }
}

class LineParser {
  readonly #line: string;
  #frames: Frame[] = [{ mark: null, parts: [], hasContent: false }];

  constructor(line: string) {
    this.#line = line;
  }

  /** Parses the part of the line that contains no code. */
  words(start: number, end: number): void {
    let at = start;
    for (const part of parseText(this.#line.slice(start, end))) {
      if (part.kind === 'link') this.add(part);
      else this.#scan(at, at + part.text.length);
      at += part.text.length;
    }
  }

  /** Adds a part that is not parsed further. */
  add(part: Inline): void {
    const top = this.#top;
    top.parts.push(part);
    if (part.kind !== 'text' || /[^\s*_~]/u.test(part.text)) top.hasContent = true;
  }

  /** The parts of the whole line; styles that are still open become text. */
  end(): readonly Inline[] {
    this.#collapseTo(0);
    return joined(this.#top.parts);
  }

  get #top(): Frame {
    return this.#frames[this.#frames.length - 1] ?? { mark: null, parts: [], hasContent: false };
  }

  #scan(start: number, end: number): void {
    let done = start;
    for (let at = start; at < end; at += 1) {
      const mark = this.#line.charAt(at);
      if (!isMark(mark)) continue;
      const open = this.#frames.findIndex((frame) => frame.mark === mark);
      if (open === -1 ? !this.#mayOpen(at) : !this.#mayClose(at)) continue;
      this.#text(done, at);
      done = at + 1;
      if (open === -1) this.#frames.push({ mark, parts: [], hasContent: false });
      else this.#close(open, mark);
    }
    this.#text(done, end);
  }

  #text(start: number, end: number): void {
    if (start < end) this.add({ kind: 'text', text: this.#line.slice(start, end) });
  }

  #mayOpen(at: number): boolean {
    const mark = this.#line.charAt(at);
    const [before, after] = [this.#line.charAt(at - 1), this.#line.charAt(at + 1)];
    if (after === '' || after === mark || /\s/u.test(after)) return false;
    return before === '' || (before !== mark && BEFORE.test(before));
  }

  #mayClose(at: number): boolean {
    const mark = this.#line.charAt(at);
    const [before, after] = [this.#line.charAt(at - 1), this.#line.charAt(at + 1)];
    if (before === mark || /\s/u.test(before)) return false;
    return after === '' || (after !== mark && AFTER.test(after));
  }

  #close(open: number, mark: StyleMark): void {
    this.#collapseTo(open);
    const frame = this.#top;
    this.#frames = this.#frames.slice(0, open);
    if (frame.hasContent) {
      this.add({ kind: STYLES[mark], mark, parts: joined(frame.parts) });
      return;
    }
    for (const part of [textPart(mark), ...frame.parts, textPart(mark)]) this.add(part);
  }

  /** Turns the styles that were opened after the frame `last` into text. At most three styles are open at a time. */
  #collapseTo(last: number): void {
    while (this.#frames.length > last + 1) {
      const frame = this.#frames.pop();
      if (frame?.mark == null) return;
      this.add(textPart(frame.mark));
      for (const part of frame.parts) this.add(part);
    }
  }
}

function isMark(character: string): character is StyleMark {
  return character in STYLES;
}

function textPart(text: string): Inline {
  return { kind: 'text', text };
}

/** Joins adjacent texts: what is not formatted is one text node on the page. */
function joined(parts: readonly Inline[]): readonly Inline[] {
  const result: Inline[] = [];
  let texts: string[] = [];
  const flush = () => {
    if (texts.length > 0) result.push(textPart(texts.join('')));
    texts = [];
  };
  for (const part of parts) {
    if (part.kind === 'text') texts.push(part.text);
    else {
      flush();
      result.push(part);
    }
  }
  flush();
  return result;
}
