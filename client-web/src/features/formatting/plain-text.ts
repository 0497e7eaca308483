import { parseFormat } from './parse-format.ts';
import type { Inline } from './parse-inline.ts';

/** A text without its formatting marks, for previews and notifications. */
export function plainText(text: string): string {
  return parseFormat(text)
    .map((block) => {
      switch (block.kind) {
        case 'text':
          return wordsOf(block.parts) + block.after;
        case 'fence':
          return `\n${block.code}\n`;
        case 'quote':
          return block.lines.map((line) => wordsOf(line.parts) + line.after).join('');
        case 'bullets':
          return block.lines.map((line) => `• ${wordsOf(line.parts)}${line.after}`).join('');
        case 'numbers':
          return block.lines.map((line) => line.mark + wordsOf(line.parts) + line.after).join('');
      }
    })
    .join('')
    .trim();
}

function wordsOf(parts: readonly Inline[]): string {
  return parts.map((part) => ('parts' in part ? wordsOf(part.parts) : part.text)).join('');
}
