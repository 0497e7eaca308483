import type { AttachmentItem } from '@parley/client-common';

import { mediaBox } from '../attachments/media-box.ts';
import { emojiCount } from './emoji-count.ts';
import type { Row } from './build-rows.ts';
import { FOLDED_LINES, isLong } from './is-long.ts';

const LINE = 22;
/** Average character width and maximum text width of a bubble, in pixels. */
const CHARACTER = 7.6;
const WIDEST = 480;

/** Height of two pictures side by side, in pixels. */
const PAIR = 162;

const known = new WeakMap<Row, number>();

/**
 * Estimates the height of a row in pixels before it is measured. Each row is estimated once; an
 * approximation is enough for the scroll bar. `width` returns the log's width and forces a layout.
 */
export function estimateHeight(row: Row | undefined, width: () => number): number {
  if (row === undefined) return 40;
  const before = known.get(row);
  if (before !== undefined) return before;
  const height = heightOf(row, width);
  known.set(row, height);
  return height;
}

function heightOf(row: Row, width: () => number): number {
  switch (row.kind) {
    case 'event':
    case 'day':
    case 'unread':
      return 40;
    case 'start':
      return 56;
    case 'message': {
      const { attachment, replyTo } = row.item;
      if (row.stack.column === 'start') return row.first ? 8 : 0;
      if (row.stack.column === 'end') return PAIR;
      const gap = row.first ? 8 : 2;
      const media = attachment === null ? 0 : heightOfFile(attachment);
      const quote = replyTo === null ? 0 : 52;
      const text = row.item.text ?? '';
      if (attachment === null && emojiCount(text) > 0) return gap + 66;
      if (attachment !== null && text === '') return gap + quote + media;
      const perLine = Math.max(20, Math.min(WIDEST, width() * 0.75) / CHARACTER);
      const lines = isLong(text)
        ? FOLDED_LINES + 1
        : text
            .split('\n', 500)
            .reduce((sum, line) => sum + Math.max(1, Math.ceil((line.length + 4) / perLine)), 0);
      return gap + 14 + lines * LINE + quote + media;
    }
  }
}

function heightOfFile({ kind, width, height }: AttachmentItem): number {
  if (kind === 'image' || kind === 'video') return mediaBox(width, height).height + 6;
  return kind === 'audio' ? 116 : 88;
}
