import { emojiCount } from './parse-text.ts';
import type { Row } from './build-rows.ts';

const LINE = 22;
/** Pixels that a character takes on average, and the most a bubble leaves for text. */
const CHARACTER = 7.6;
const WIDEST = 480;

/** Height of a row in pixels before it is measured. Near is enough: it decides the scroll bar alone. */
export function estimateHeight(row: Row | undefined, width: number): number {
  switch (row?.kind) {
    case undefined:
    case 'event':
    case 'day':
    case 'unread':
      return 40;
    case 'start':
      return 56;
    case 'message': {
      const text = row.item.text ?? '';
      const gap = row.first ? 8 : 2;
      if (emojiCount(text) > 0) return gap + 66;
      const perLine = Math.max(20, Math.min(WIDEST, width * 0.75) / CHARACTER);
      const lines = text
        .split('\n', 500)
        .reduce((sum, line) => sum + Math.max(1, Math.ceil((line.length + 4) / perLine)), 0);
      return gap + 14 + lines * LINE + (row.item.replyTo === null ? 0 : 52);
    }
  }
}
