import { Periodic } from '@parley/backend-common';
import { MINUTE } from '@parley/common';

import type { Delivery } from '../delivery/delivery.ts';
import type { Infrastructure } from '../infrastructure.ts';
import type { LogModule } from '../log/module.ts';
import type { Module } from '../module.ts';
import type { ReceiptService } from '../receipts/service.ts';
import type { Sockets } from '../transport/sockets.ts';
import { DayRepository } from './day-repository.ts';
import { engagementHandlers, type EngagementOperation } from './operations.ts';
import { RecordRepository } from './record-repository.ts';
import { Recorder } from './recorder.ts';
import { RollUp } from './roll-up.ts';
import { RollUpLease } from './roll-up-lease.ts';
import { EngagementService } from './service.ts';

export interface EngagementModuleDeps {
  readonly infrastructure: Pick<
    Infrastructure,
    'databaseTime' | 'db' | 'newId' | 'now' | 'periodicMetrics' | 'queueMetrics' | 'reportFault'
  >;
  readonly sockets: Pick<Sockets, 'registry'>;
  readonly delivery: { readonly delivery: Pick<Delivery, 'onReceived'> };
  readonly log: { readonly log: Pick<LogModule['log'], 'subscribe'> };
  readonly receipts: { readonly receipts: Pick<ReceiptService, 'subscribe'> };
}

/** Milliseconds between two checks of this node whether a count is due, and between two counts of all nodes. */
const LOOK_EVERY = MINUTE;
const COUNT_EVERY = 10 * MINUTE;

/** Counts how many people use the server, and shows the numbers to administrators. */
export function createEngagementModule(deps: EngagementModuleDeps): Module<EngagementOperation> {
  const { databaseTime, db, newId, now, periodicMetrics, queueMetrics, reportFault } =
    deps.infrastructure;
  const days = new DayRepository(db);
  const records = new RecordRepository(db, newId());
  const recorder = new Recorder({ records, periodicMetrics, now, reportFault });
  const lease = new RollUpLease(db, { time: databaseTime, metrics: queueMetrics });
  const rollUp = new RollUp({ days, now });
  const counting = new Periodic({
    ...{ name: 'engagement_roll_up', every: LOOK_EVERY, metrics: periodicMetrics },
    async run(stopping) {
      await lease.run(COUNT_EVERY, (lost) => rollUp.run(AbortSignal.any([lost, stopping])));
    },
    onFault: (error) => reportFault('engagement_roll_up_failed', error),
  });
  subscribe(deps, recorder);
  return {
    name: 'engagement',
    handlers: engagementHandlers(new EngagementService(days)),
    start() {
      recorder.start();
      counting.start();
      counting.wake();
    },
    async stop() {
      await counting.stop();
      await recorder.stop();
    },
  };
}

/** Passes to the recorder what happens on this node. */
function subscribe(
  { delivery, log, receipts, sockets }: EngagementModuleDeps,
  recorder: Recorder,
): void {
  sockets.registry.subscribe({
    attach: ({ data }) => recorder.seen(data.caller.userId),
    detach: () => undefined,
  });
  log.log.subscribe(({ entries, isOwn }) => {
    for (const { document } of entries) {
      if (isOwn) recorder.wrote(document);
      else recorder.heard(document);
    }
  });
  delivery.delivery.onReceived((documents) => {
    for (const document of documents) recorder.heard(document);
  });
  receipts.receipts.subscribe(({ userId }) => recorder.seen(userId));
}
