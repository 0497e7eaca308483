import { checkConnections } from './connection-rules.ts';
import { checkLogs } from './log-rules.ts';
import { FAULT_KINDS, type FaultKind, type HistoryRecord, type Violation } from './model.ts';
import { checkOrder } from './order-rules.ts';
import { checkViews } from './view-rules.ts';

/** Everything that breaks a promise of the log in what clients did and saw. Empty: nothing does. */
export function checkHistory(history: HistoryRecord): Violation[] {
  return [
    ...checkLogs(history),
    ...checkOrder(history),
    ...checkConnections(history),
    ...checkViews(history),
  ];
}

/** How often each fault was found. */
export function countFaults(violations: readonly Violation[]): Record<FaultKind, number> {
  const counts = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) as Record<
    FaultKind,
    number
  >;
  for (const { count, kind } of violations) counts[kind] += count;
  return counts;
}
