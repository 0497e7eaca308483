import type { Metrics } from '@parley/backend-common';

import type { InsertOutcome } from './insert-outcome.ts';

/** What operators see of the log. */
export interface LogMetrics {
  /** Counts a round and answers what to call with its outcome. */
  startRound(entries: number): (outcome: InsertOutcome['kind']) => void;
  /** Numbers that another node took first. */
  readonly conflicts: { inc(): void };
  /** Lanes whose round ended in an unknown outcome. */
  readonly unknown: { inc(): void };
  /** Entries refused because they waited too long or the queue was full. */
  readonly refused: { inc(): void };
}

/** Declares the metrics of the log. */
export function createLogMetrics(metrics: Metrics, waiting: () => number): LogMetrics {
  const commands = metrics.duration('parley_log_commit_seconds', 'Time of one group commit', [
    'outcome',
  ]);
  const entries = metrics.counter('parley_log_entries_total', 'Entries sent to the database', [
    'outcome',
  ]);
  metrics.observed('parley_log_queue_entries', 'Entries waiting for their place in a log', waiting);
  return {
    startRound(count) {
      const startedAt = performance.now();
      return (outcome) => {
        commands.observe({ outcome }, (performance.now() - startedAt) / 1_000);
        entries.inc({ outcome }, count);
      };
    },
    conflicts: metrics.counter(
      'parley_log_conflicts_total',
      'Numbers that another node took first',
    ),
    unknown: metrics.counter(
      'parley_log_unknown_total',
      'Rounds of a conversation with an unknown outcome',
    ),
    refused: metrics.counter(
      'parley_log_refused_total',
      'Entries refused for want of time or room',
    ),
  };
}
