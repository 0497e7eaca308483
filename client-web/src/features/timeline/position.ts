import type { TimelineItem, TimelineSnapshot } from '@parley/client-common';

import type { Row } from './build-rows.ts';

/** The `seq` of a row, or 0 if it has none. */
export function seqOf(row: Row | undefined): number {
  return row?.kind === 'message' || row?.kind === 'event' ? (row.item.seq ?? 0) : 0;
}

/** The first and last `seq` among the rows from `start` to `end` (inclusive); 0 if there is none. */
export function seqsBetween(
  rows: readonly Row[],
  start: number,
  end: number,
): { readonly first: number; readonly last: number } {
  let first = 0;
  let last = 0;
  for (let index = start; index <= end; index += 1) {
    const seq = seqOf(rows[index]);
    if (seq === 0) continue;
    if (first === 0) first = seq;
    last = seq;
  }
  return { first, last };
}

/** The number of messages from others after `seenSeq`, including those not in memory. */
export function countFresh(snapshot: TimelineSnapshot, seenSeq: number): number {
  const { items, hasNewer, newestSeq, lastSeq } = snapshot;
  let fresh = hasNewer ? newestSeq - Math.max(lastSeq, seenSeq) : 0;
  for (let index = items.length - 1; index >= 0; index -= 1) {
    const item = items[index];
    if (item === undefined || (item.seq ?? Infinity) <= seenSeq) break;
    if (isFresh(item)) fresh += 1;
  }
  return Math.max(0, fresh);
}

function isFresh(item: TimelineItem): boolean {
  return item.kind === 'message' && !item.own && !item.deleted;
}
