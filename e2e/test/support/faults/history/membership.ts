import type { StoredEntry } from './model.ts';

/** The part of a log that one member sees, both ends included. `to` is infinite while the user belongs to it. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** When a user belonged to a conversation, by its log: an `added` entry is the first one seen and a removal the last. */
export function spansOf(log: readonly StoredEntry[], userId: string): Span[] {
  const spans: Span[] = [];
  let from: number | undefined;
  for (const { action, seq, userIds } of log) {
    if (userIds?.includes(userId) !== true) continue;
    if (action === 'added') from ??= seq;
    else if (action !== 'role' && from !== undefined) {
      spans.push({ from, to: seq });
      from = undefined;
    }
  }
  return from === undefined ? spans : [...spans, { from, to: Infinity }];
}

/** Whether the member may see the entry with this `seq`. */
export function isVisible(spans: readonly Span[], seq: number): boolean {
  return spans.some(({ from, to }) => from <= seq && seq <= to);
}
