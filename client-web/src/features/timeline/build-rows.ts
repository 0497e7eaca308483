import type { MembersItem, MessageItem, TimelineItem, TitleItem } from '@parley/client-common';
import { MINUTE } from '@parley/common';

import { dayOf } from '../../ui/time-text.ts';

/** Messages of one sender that are closer together than this form one group. */
export const GROUP_WITHIN = 5 * MINUTE;
/** Pictures of one sender that are closer together than this are drawn as one stack. */
const STACK_WITHIN = MINUTE;

/**
 * The place of a picture in a stack: two that follow each other stand side by side. The last of an odd number, one
 * with a text and one with the name of its sender take the whole width.
 */
export type StackColumn = 'start' | 'end' | 'whole';

/** How a picture is drawn together with the ones before and after it. */
export interface StackPlace {
  readonly before: boolean;
  readonly after: boolean;
  readonly column: StackColumn;
}

/** A message and its position in its group. */
export interface MessageRow {
  readonly kind: 'message';
  readonly key: string;
  readonly item: MessageItem;
  readonly first: boolean;
  readonly last: boolean;
  /** Whether the picture is drawn together with the one before or after it. */
  readonly stack: StackPlace;
}

/** The separator before the first message of a day. */
export interface DayRow {
  readonly kind: 'day';
  readonly key: string;
  readonly at: number;
}

/** One row on the screen. */
export type Row =
  | { readonly kind: 'start'; readonly key: 'start' }
  | DayRow
  | { readonly kind: 'unread'; readonly key: 'unread' }
  | { readonly kind: 'event'; readonly key: string; readonly item: MembersItem | TitleItem }
  | MessageRow;

/** The range of `seq`s greater than `after` and up to `upTo`. */
export interface UnreadRange {
  readonly after: number;
  readonly upTo: number;
}

/** The inputs of the rows besides the items. */
export interface RowOptions {
  /** Whether the first item is the first of the conversation. */
  readonly fromStart: boolean;
  /** The range that was unread when the conversation was opened: the line is placed before its first message. */
  readonly unread: UnreadRange | null;
  /** Whether membership and title events are shown; a direct conversation has none. */
  readonly events: boolean;
}

/**
 * Turns items into rows: day separators, the unread line, groups of one sender. Unchanged rows are
 * the same objects as in `before`, so that only changed rows are rendered again.
 */
export function buildRows(
  all: readonly TimelineItem[],
  options: RowOptions,
  before: readonly Row[] = [],
): readonly Row[] {
  const known = new Map(before.map((row) => [row.key, row]));
  const rows: Row[] = [];
  const push = (row: Row) => {
    const same = known.get(row.key);
    rows.push(same !== undefined && isSame(same, row) ? same : row);
  };
  if (options.fromStart) push({ kind: 'start', key: 'start' });

  const items = options.events ? all : all.filter(({ kind }) => kind === 'message');
  let line = reaches(items, options) ? options.unread : null;
  let column: StackColumn = 'whole';
  for (const [index, item] of items.entries()) {
    const previous = items[index - 1];
    const newDay = previous === undefined || dayOf(previous.at) !== dayOf(item.at);
    if (newDay) push({ kind: 'day', key: `day-${String(dayOf(item.at))}`, at: item.at });
    const lineBefore = line !== null && isUnread(item, line);
    if (lineBefore) {
      push({ kind: 'unread', key: 'unread' });
      line = null;
    }
    if (item.kind !== 'message') {
      push({ kind: 'event', key: item.key, item });
      continue;
    }
    const next = items[index + 1];
    const nextIsFirstUnread = next !== undefined && line !== null && isUnread(next, line);
    const first = lineBefore || !continues(previous, item);
    const last = nextIsFirstUnread || !continues(item, next);
    const before = !first && stacks(previous, item);
    const after = !last && stacks(item, next);
    const hasStart = before && column === 'start';
    const isNamed = options.events && first && !item.own;
    if (hasStart) column = 'end';
    else
      column =
        after && !isNamed && next?.kind === 'message' && isPlainPicture(next) ? 'start' : 'whole';
    push({ kind: 'message', key: item.key, item, first, last, stack: { before, after, column } });
  }
  return withUniqueKeys(rows);
}

/** Whether the last read message is in memory; otherwise the line belongs further up. */
function reaches(items: readonly TimelineItem[], { fromStart, unread }: RowOptions): boolean {
  return fromStart || (unread !== null && (items[0]?.seq ?? 0) <= unread.after + 1);
}

function isUnread(item: TimelineItem, { after, upTo }: UnreadRange): boolean {
  if (item.kind !== 'message' || item.own || item.deleted || item.seq === null) return false;
  return item.seq > after && item.seq <= upTo;
}

/** Whether two adjacent messages belong to one group. */
function continues(first: TimelineItem | undefined, second: TimelineItem | undefined): boolean {
  return (
    first?.kind === 'message' &&
    second?.kind === 'message' &&
    first.senderId === second.senderId &&
    second.at - first.at < GROUP_WITHIN &&
    dayOf(first.at) === dayOf(second.at)
  );
}

/** Whether two adjacent messages of a group are pictures that were sent together. */
function stacks(first: TimelineItem | undefined, second: TimelineItem | undefined): boolean {
  if (first?.kind !== 'message' || second?.kind !== 'message') return false;
  return isPlainPicture(first) && isPicture(second) && second.at - first.at < STACK_WITHIN;
}

function isPicture(item: MessageItem): boolean {
  const isFailed = item.delivery?.state === 'failed';
  return item.attachment?.kind === 'image' && item.replyTo === null && !item.deleted && !isFailed;
}

/** A picture without a text: below a text, the next picture would not look like its neighbour. */
function isPlainPicture(item: MessageItem): boolean {
  return isPicture(item) && item.text === null;
}

function isSame(a: Row, b: Row): boolean {
  if (a.kind === 'message' && b.kind === 'message') {
    const isSameStack =
      a.stack.before === b.stack.before &&
      a.stack.after === b.stack.after &&
      a.stack.column === b.stack.column;
    return a.item === b.item && a.first === b.first && a.last === b.last && isSameStack;
  }
  if (a.kind === 'event' && b.kind === 'event') return a.item === b.item;
  if (a.kind === 'day' && b.kind === 'day') return a.at === b.at;
  return a.kind === b.kind;
}

/** If clocks step back, a day can occur twice; its second separator gets its own key. */
function withUniqueKeys(rows: readonly Row[]): readonly Row[] {
  const seen = new Set<string>();
  return rows.map((row) => {
    if (row.kind !== 'day' || !seen.has(row.key)) {
      seen.add(row.key);
      return row;
    }
    return { ...row, key: `${row.key}-${String(row.at)}` };
  });
}
