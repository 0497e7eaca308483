import type { Metrics } from '@parley/backend-common';

/** What is measured of pushes. */
export type PushMetrics = ReturnType<typeof createPushMetrics>;

/** Counts that are asked of the database now and then. */
export interface PushLevels {
  waiting: number;
  devices: number;
}

/** The metrics of pushes; `reaches` says whether they leave this server. */
export function createPushMetrics(metrics: Metrics, levels: PushLevels, reaches: boolean) {
  metrics.observed(
    'parley_push_configured',
    'Whether pushes are sent (1) or only logged (0)',
    () => (reaches ? 1 : 0),
  );
  metrics.observed('parley_push_waiting', 'Pushes that wait', () => levels.waiting);
  metrics.observed('parley_devices', 'Devices that pushes are sent to', () => levels.devices);
  return {
    outcomes: metrics.counter('parley_pushes_total', 'Pushes by what became of them', ['outcome']),
    endings: metrics.counter(
      'parley_push_endings_total',
      'Claims of the outbox by how they ended',
      ['ending'],
    ),
    duration: metrics.duration('parley_push_send_seconds', 'Time of one request to Firebase'),
    unseen: metrics.counter(
      'parley_push_overflow_total',
      'Conversations that were too many to be remembered, and were read from the log instead',
    ),
  };
}
