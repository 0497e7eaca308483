import type { StoredEntry } from './model.ts';

/** The part of a log that a member may see, both ends included. `to` is infinite while the user is a member. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The parts of a log in which a user was a member: from an `added` entry to a removal, both included. */
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

/** Whether the user may see the entry with this `seq`. */
export function isVisible(spans: readonly Span[], seq: number): boolean {
  return spans.some(({ from, to }) => from <= seq && seq <= to);
}
