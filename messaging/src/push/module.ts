import type { ProfileReader } from '@parley/backend-common/domain';

import type { Config } from '../config.ts';
import type { DeviceRepository } from '../devices/repository.ts';
import type { Infrastructure } from '../infrastructure.ts';
import type { LogModule } from '../log/module.ts';
import type { Module } from '../module.ts';
import type { ProjectionModule } from '../projection/module.ts';
import type { MarkWriter } from '../receipts/mark-writer.ts';
import type { ReceiptService } from '../receipts/service.ts';
import type { Sockets } from '../transport/sockets.ts';
import { PushComposer } from './composer.ts';
import { DeletionRecorder } from './deletion-recorder.ts';
import { MembershipEntryRepository } from './heartbeat/membership-entry-repository.ts';
import { NodeHeartbeat } from './heartbeat/node-heartbeat.ts';
import { NodeRepository } from './heartbeat/node-repository.ts';
import { ProjectionTakeOver } from './heartbeat/projection-take-over.ts';
import { MessageRepository } from './message-repository.ts';
import { OutboxRepository } from './outbox/outbox-repository.ts';
import { PushWorker } from './outbox/push-worker.ts';
import { PartnerPushes } from './partner-pushes.ts';
import type { ForegroundUsers, PushBlocks } from './ports.ts';
import { PushLevels } from './push-levels.ts';
import { createPushMetrics, type PushMetrics } from './push-metrics.ts';
import { SharedReads } from './shared-reads.ts';
import { ReadReceiptRecorder } from './read-receipt-recorder.ts';
import { PendingDeliveries } from './scheduling/pending-deliveries.ts';
import { PushScheduler } from './scheduling/push-scheduler.ts';
import { RecipientSelector } from './scheduling/recipient-selector.ts';

export interface PushModuleDeps {
  readonly infrastructure: Pick<
    Infrastructure,
    | 'db'
    | 'logger'
    | 'metrics'
    | 'now'
    | 'periodicMetrics'
    | 'pushSender'
    | 'queueMetrics'
    | 'reportFault'
  > & {
    readonly config: Pick<Config, 'pushAfter' | 'pushConcurrency'>;
  };
  readonly sockets: Pick<Sockets, 'cluster' | 'sessions'>;
  readonly log: Pick<LogModule, 'entries' | 'log'>;
  readonly projection: Pick<ProjectionModule, 'conversations' | 'members'>;
  readonly receipts: {
    readonly marks: Pick<MarkWriter, 'subscribe'>;
    readonly receipts: Pick<ReceiptService, 'subscribe'>;
  };
  readonly devices: { readonly devices: DeviceRepository };
  readonly foreground: { readonly foreground: ForegroundUsers };
  readonly profiles: { readonly profiles: ProfileReader };
  readonly blocks: { readonly policy: PushBlocks };
}

export interface PushModule extends Module {
  readonly outbox: OutboxRepository;
  /** Schedules pushes of partner events. */
  readonly partnerPushes: PartnerPushes;
}

/** Sends pushes to users who do not have the app in the foreground. */
export function createPushModule(deps: PushModuleDeps): PushModule {
  const { devices } = deps.devices;
  const { foreground } = deps.foreground;
  const { db, logger, metrics, now, periodicMetrics, pushSender, queueMetrics, reportFault } =
    deps.infrastructure;
  const outbox = new OutboxRepository(db, {
    interval: deps.infrastructure.config.pushAfter,
    metrics: queueMetrics,
  });
  const pending = new PendingDeliveries(now);
  const levels = new PushLevels({ devices, outbox, periodicMetrics, reportFault });
  const pushMetrics = createPushMetrics(metrics, levels, pushSender.isConfigured);
  const messages = new MessageRepository(db);
  const worker = createWorker(deps, { outbox, messages, metrics: pushMetrics });
  const onScheduled = () => worker.wake();
  const reads = new ReadReceiptRecorder({ outbox, onScheduled, reportFault });
  const { log } = deps.log;
  const deletions = new DeletionRecorder({ log, outbox, onScheduled, reportFault });
  const scheduler = createScheduler(deps, {
    outbox,
    messages,
    pending,
    metrics: pushMetrics,
    onScheduled,
  });
  const projections = new ProjectionTakeOver({
    entries: new MembershipEntryRepository(db),
    repair: (conversationId, seq) => deps.log.log.repair(conversationId, seq),
    reportFault,
  });
  const heartbeat = new NodeHeartbeat({
    nodes: new NodeRepository(db, deps.sockets.cluster.nodeId),
    flushedTo: () => pending.flushedTo,
    repairProjections: (from, to) => projections.repair(from, to),
    scheduleFromLog: (from, to) => scheduler.scheduleFromLog(from, to),
    periodicMetrics,
    logger,
  });
  subscribe(deps, { pending, reads, deletions });
  return {
    name: 'push',
    handlers: {},
    outbox,
    partnerPushes: new PartnerPushes({ devices, foreground, outbox, onScheduled }),
    async start() {
      await heartbeat.start();
      scheduler.start();
      worker.start();
      levels.start();
    },
    async stop() {
      await levels.stop();
      const isDone = await scheduler.stop();
      await heartbeat.stop(isDone);
      await reads.flush();
      await deletions.flush();
      await worker.stop();
    },
  };
}

/** Records the messages that this node accepts, and the receipts that it acknowledges. */
function subscribe(
  deps: PushModuleDeps,
  parts: {
    readonly pending: PendingDeliveries;
    readonly reads: ReadReceiptRecorder;
    readonly deletions: DeletionRecorder;
  },
): void {
  const { deletions, pending, reads } = parts;
  deps.log.log.subscribe(({ entries, isOwn }) => {
    if (!isOwn) return;
    for (const { document } of entries) {
      if (document.kind === 'message') pending.add(document);
      else if (document.kind === 'deletion') deletions.record(document);
    }
  });
  deps.receipts.marks.subscribe(({ receipt: { conversationId, deliveredSeq, userId } }) => {
    pending.acknowledge(conversationId, userId, deliveredSeq);
  });
  deps.receipts.receipts.subscribe((read) => reads.record(read));
}

function createWorker(
  deps: PushModuleDeps,
  parts: {
    readonly outbox: OutboxRepository;
    readonly messages: MessageRepository;
    readonly metrics: PushMetrics;
  },
): PushWorker {
  const { messages, metrics, outbox } = parts;
  const { policy: blocks } = deps.blocks;
  const { devices } = deps.devices;
  const { foreground } = deps.foreground;
  const { logger, now, periodicMetrics, pushSender: sender } = deps.infrastructure;
  const { entries } = deps.log;
  const { profiles } = deps.profiles;
  const { conversations, members } = deps.projection;
  const shared = new SharedReads(conversations, entries);
  const composer = new PushComposer({
    members,
    conversations: shared,
    entries: shared,
    messages,
    profiles,
    blocks,
    foreground,
    now,
  });
  return new PushWorker({
    outbox,
    devices,
    sessions: deps.sockets.sessions,
    composer,
    sender,
    concurrency: deps.infrastructure.config.pushConcurrency,
    metrics,
    periodicMetrics,
    now,
    logger,
  });
}

function createScheduler(
  deps: PushModuleDeps,
  parts: {
    readonly outbox: OutboxRepository;
    readonly messages: MessageRepository;
    readonly pending: PendingDeliveries;
    readonly metrics: PushMetrics;
    readonly onScheduled: () => void;
  },
): PushScheduler {
  const { devices } = deps.devices;
  const { foreground } = deps.foreground;
  const { now, periodicMetrics, reportFault } = deps.infrastructure;
  const { log } = deps.log;
  const { members } = deps.projection;
  const { messages, metrics, onScheduled, outbox, pending } = parts;
  return new PushScheduler({
    pending,
    recipients: new RecipientSelector({ log, devices, members, foreground, now }),
    outbox,
    messages,
    foreground,
    acknowledgeWithin: deps.infrastructure.config.pushAfter,
    onScheduled,
    overflow: metrics.overflow,
    periodicMetrics,
    now,
    reportFault,
  });
}
