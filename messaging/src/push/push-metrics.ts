import type { Metrics } from '@parley/backend-common';

import type { PushLevels } from './push-levels.ts';

/** The metrics of pushes. */
export type PushMetrics = ReturnType<typeof createPushMetrics>;

/** Creates the metrics of pushes. `isConfigured` says whether pushes are sent rather than logged. */
export function createPushMetrics(
  metrics: Metrics,
  levels: Pick<PushLevels, 'devices' | 'waiting'>,
  isConfigured: boolean,
) {
  metrics.observed(
    'parley_push_configured',
    'Whether pushes are sent (1) or only logged (0)',
    () => (isConfigured ? 1 : 0),
  );
  metrics.observed('parley_push_waiting', 'Pushes waiting in the outbox', () => levels.waiting);
  metrics.observed('parley_devices', 'Devices registered for pushes', () => levels.devices);
  return {
    outcomes: metrics.counter('parley_pushes_total', 'Pushes to devices by outcome', {
      outcome: ['sent', 'logged', 'dead', 'later', 'refused'],
    }),
    endings: metrics.counter(
      'parley_push_endings_total',
      'Leases of pushes in the outbox by how they ended',
      { ending: ['pushed', 'dropped', 'later', 'failed'] },
    ),
    takenBack: metrics.counter(
      'parley_push_taken_back_total',
      'Notifications that were removed from devices because their messages were deleted',
    ),
    duration: metrics.duration('parley_push_send_seconds', 'Duration of one request to Firebase'),
    overflow: metrics.counter(
      'parley_push_overflow_total',
      'Times at which a node had too many unacknowledged messages for its memory and read them from the log',
    ),
  };
}
