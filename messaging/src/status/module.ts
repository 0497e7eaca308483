import type { PartnerEvent } from '@parley/common/contract';

import type { SocketEvents } from '../conversations/ports.ts';
import type { Infrastructure } from '../infrastructure.ts';
import type { Module } from '../module.ts';
import { PartnerEventSender } from './partner-event-sender.ts';
import type { PartnerEventListener } from './ports.ts';
import { statusHandlers, type StatusOperation } from './operations.ts';
import { StatusRepository } from './repository.ts';
import { StatusService } from './service.ts';
import { StatusSweep } from './sweep.ts';

export interface StatusModuleDeps {
  readonly infrastructure: Pick<
    Infrastructure,
    | 'databaseTime'
    | 'db'
    | 'metrics'
    | 'newId'
    | 'now'
    | 'periodicMetrics'
    | 'queueMetrics'
    | 'reportFault'
  >;
  readonly sockets: { readonly events: Pick<SocketEvents, 'toUser'> };
  readonly push: { readonly partnerPushes: { schedule: PartnerEventListener } };
}

export interface StatusModule extends Module<StatusOperation> {
  readonly statuses: StatusRepository;
  readonly sender: PartnerEventSender;
}

/** The status of users, its expiry, and the events that their partners receive. */
export function createStatusModule(deps: StatusModuleDeps): StatusModule {
  const { partnerPushes } = deps.push;
  const { events } = deps.sockets;
  const { databaseTime, db, metrics, newId, now, periodicMetrics, queueMetrics, reportFault } =
    deps.infrastructure;
  const statuses = new StatusRepository(db, { time: databaseTime, metrics: queueMetrics });
  const sent = metrics.counter('parley_partner_events_total', 'Partner events sent to users', {
    type: [
      'PARTNER_LINKED',
      'PARTNER_STATUS_CHANGED',
      'PARTNER_UNLINKED',
    ] satisfies PartnerEvent['type'][],
  });
  const expired = metrics.counter(
    'parley_statuses_expired_total',
    'Statuses reset because they had expired',
  );
  const sender = new PartnerEventSender({
    statuses,
    events,
    onEvent: (addressed) => partnerPushes.schedule(addressed),
    onSent: ({ type }) => sent.inc({ type }),
    reportFault,
  });
  const sweep = new StatusSweep({
    statuses,
    sender,
    newId,
    onExpired: (count) => expired.inc(count),
    periodicMetrics,
    reportFault,
  });
  const status = new StatusService({ statuses, sender, newId, now });
  return {
    name: 'status',
    handlers: statusHandlers({ status }),
    statuses,
    sender,
    start: () => sweep.start(),
    async stop() {
      await sweep.stop();
      await sender.close();
    },
  };
}
