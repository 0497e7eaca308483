import { DAY, HOUR, MINUTE, SECOND } from '@parley/common';
import type { AttachmentKind } from '@parley/common/contract';

/** Upper bounds of the buckets of the time to the first reply, in milliseconds. Stored counts follow their order. */
const BOUNDS = [
  ...[5 * SECOND, 15 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE],
  ...[30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 12 * HOUR, DAY],
];

/** What is counted of one day. */
export interface DayCounts {
  messages: number;
  readonly attachments: Record<AttachmentKind, number>;
  /** Replies by bucket of their time; a reply after more than a day is in none. */
  readonly replies: number[];
}

/** Counts of which none is above 0. */
export function noCounts(): DayCounts {
  return {
    messages: 0,
    attachments: { image: 0, video: 0, audio: 0, file: 0 },
    replies: BOUNDS.map(() => 0),
  };
}

/** Adds the counts of one process to a total. */
export function addCounts(total: DayCounts, counts: DayCounts): void {
  total.messages += counts.messages;
  for (const kind of Object.keys(total.attachments) as AttachmentKind[]) {
    total.attachments[kind] += counts.attachments[kind];
  }
  for (const index of total.replies.keys()) addTo(total.replies, index, counts.replies[index]);
}

/** Counts a reply that came after some milliseconds. */
export function countReply(counts: DayCounts, after: number): void {
  const index = BOUNDS.findIndex((bound) => after <= bound);
  if (index >= 0) addTo(counts.replies, index, 1);
}

/** Number of counted replies. */
export function repliesOf({ replies }: Pick<DayCounts, 'replies'>): number {
  return replies.reduce((sum, count) => sum + count, 0);
}

/**
 * The seconds within which a share of the replies came, as if they were spread evenly within each bucket; `null`
 * without replies.
 */
export function replyQuantile(counts: Pick<DayCounts, 'replies'>, share: number): number | null {
  const wanted = repliesOf(counts) * share;
  if (wanted === 0) return null;
  let before = 0;
  for (const [index, count] of counts.replies.entries()) {
    if (before + count >= wanted) {
      const lower = BOUNDS[index - 1] ?? 0;
      const upper = BOUNDS[index] ?? lower;
      const within = lower + ((upper - lower) * (wanted - before)) / count;
      return Math.round(within / SECOND);
    }
    before += count;
  }
  return null;
}

function addTo(counts: number[], index: number, added = 0): void {
  counts[index] = (counts[index] ?? 0) + added;
}
