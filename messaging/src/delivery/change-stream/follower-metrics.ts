import type { Metrics } from '@parley/backend-common';

/** Metrics of the change stream. */
export interface FollowerMetrics {
  /** 1 while the change stream is read, otherwise 0. */
  readonly following: { set(value: 0 | 1): void };
  readonly entries: { inc(): void };
}

/** Declares the metrics of the change stream. */
export function createFollowerMetrics(metrics: Metrics): FollowerMetrics {
  return {
    following: metrics.gauge(
      'parley_delivery_change_stream',
      '1 while entries are read from the change stream because cluster events do not arrive',
    ),
    entries: metrics.counter(
      'parley_delivery_change_stream_entries_total',
      'Entries read from the change stream, including those that were already sent',
    ),
  };
}
