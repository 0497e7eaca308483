import { checkConnections } from './connection-rules.ts';
import { checkLogs } from './log-rules.ts';
import { FAULT_KINDS, type FaultKind, type HistoryRecord, type Violation } from './model.ts';
import { checkOrder } from './order-rules.ts';
import { checkViews } from './view-rules.ts';

/** Checks what clients did and received against the promises of the log. Returns every violation. */
export function checkHistory(history: HistoryRecord): Violation[] {
  return [
    ...checkLogs(history),
    ...checkOrder(history),
    ...checkConnections(history),
    ...checkViews(history),
  ];
}

/** The number of violations of each kind. */
export function countFaults(violations: readonly Violation[]): Record<FaultKind, number> {
  const counts = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) as Record<
    FaultKind,
    number
  >;
  for (const { count, kind } of violations) counts[kind] += count;
  return counts;
}
