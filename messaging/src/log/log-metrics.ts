import type { Metrics } from '@parley/backend-common';
import { SECOND } from '@parley/common';

import type { InsertOutcome } from './insert-outcome.ts';

/** The metrics of the log. */
export interface LogMetrics {
  /** Begins to measure a round. Call the returned function with its outcome. */
  startRound(entries: number): (outcome: InsertOutcome['kind']) => void;
  /** Sequence numbers that another node took first. */
  readonly conflicts: { inc(): void };
  /** Conversations whose batch ended with an unknown outcome. */
  readonly unknown: { inc(): void };
  /** Entries refused because they waited too long or the queue was full. */
  readonly refused: { inc(): void };
  /** Entries that were forwarded to the writer of their conversation. */
  readonly forwarded: { inc(labels: { readonly outcome: string }, entries: number): void };
}

/** Declares the metrics of the log. */
export function createLogMetrics(metrics: Metrics): LogMetrics {
  const outcome = ['committed', 'stopped', 'unknown'] satisfies InsertOutcome['kind'][];
  const commands = metrics.duration('parley_log_commit_seconds', 'Duration of one group commit', {
    outcome,
  });
  const entries = metrics.counter('parley_log_entries_total', 'Entries sent to the database', {
    outcome,
  });
  return {
    startRound(count) {
      const startedAt = performance.now();
      return (outcome) => {
        commands.with({ outcome }).observe((performance.now() - startedAt) / SECOND);
        entries.inc({ outcome }, count);
      };
    },
    conflicts: metrics.counter(
      'parley_log_conflicts_total',
      'Sequence numbers that another node took first',
    ),
    unknown: metrics.counter(
      'parley_log_unknown_total',
      'Conversations whose group commit ended with an unknown outcome',
    ),
    refused: metrics.counter(
      'parley_log_refused_total',
      'Entries refused because they waited too long or the queue was full',
    ),
    forwarded: metrics.counter(
      'parley_log_forwarded_total',
      'Entries of contended conversations forwarded to the node that writes them',
      { outcome: ['written', 'answered', 'busy', 'unanswered'] },
    ),
  };
}
