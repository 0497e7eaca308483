import { randomUUID } from 'node:crypto';
import type { ProfileReader } from '@parley/backend-common/domain';
import { SECOND } from '@parley/common';

import type { Config } from '../config.ts';
import type { DeviceRepository } from '../devices/repository.ts';
import type { ReportFault } from '../faults.ts';
import type { Infrastructure } from '../infrastructure.ts';
import type { LogModule } from '../log/module.ts';
import type { Module } from '../module.ts';
import type { ProjectionModule } from '../projection/module.ts';
import type { MarkWriter } from '../receipts/mark-writer.ts';
import type { ReceiptService } from '../receipts/service.ts';
import type { Sockets } from '../transport/sockets.ts';
import { PushComposer } from './composer.ts';
import { NodeKeeper } from './heartbeat/node-heartbeat.ts';
import { NodeRepository } from './heartbeat/node-repository.ts';
import { OutboxRepository } from './outbox/outbox-repository.ts';
import { PushWorker } from './outbox/push-worker.ts';
import { PartnerPushes } from './partner-pushes.ts';
import type { Lookers, PushBlocks } from './ports.ts';
import { createPushMetrics, type PushMetrics } from './push-metrics.ts';
import { ReadNoter } from './read-receipt-recorder.ts';
import { Pending } from './scheduling/pending-deliveries.ts';
import { PushScheduler } from './scheduling/push-scheduler.ts';
import { Recipients } from './scheduling/recipient-selector.ts';

export interface PushModuleDeps {
  readonly infrastructure: Pick<
    Infrastructure,
    'db' | 'logger' | 'metrics' | 'now' | 'pushSender' | 'reportFault'
  > & {
    readonly config: Pick<Config, 'pushAfter'>;
  };
  readonly sockets: Pick<Sockets, 'cluster' | 'sessions'>;
  readonly log: Pick<LogModule, 'entries' | 'log'>;
  readonly projection: Pick<ProjectionModule, 'conversations' | 'members'>;
  readonly receipts: {
    readonly marks: Pick<MarkWriter, 'subscribe'>;
    readonly receipts: Pick<ReceiptService, 'subscribe'>;
  };
  readonly devices: { readonly devices: DeviceRepository };
  readonly foreground: { readonly foreground: Lookers };
  readonly profiles: { readonly profiles: ProfileReader };
  readonly blocks: { readonly policy: PushBlocks };
}

export interface PushModule extends Module {
  readonly outbox: OutboxRepository;
  /** Pushes partner events. */
  readonly partnerPushes: PartnerPushes;
}

const LEVELS_EVERY = 15 * SECOND;
const WAITING_COUNTED_TO = 10_000;

/** Pushes to the devices of users who do not have the app in the foreground. */
export function createPushModule(deps: PushModuleDeps): PushModule {
  const { devices } = deps.devices;
  const { foreground: lookers } = deps.foreground;
  const { db, logger, now, pushSender, reportFault } = deps.infrastructure;
  const outbox = new OutboxRepository(db, deps.infrastructure.config.pushAfter);
  const pending = new Pending(now);
  const levels = new Levels({ devices, outbox, reportFault });
  const metrics = createPushMetrics(deps.infrastructure.metrics, levels, pushSender.reaches);
  const worker = createWorker(deps, outbox, metrics);
  const onScheduled = () => void worker.run();
  const reads = new ReadNoter({ outbox, onScheduled, reportFault });
  const scheduler = createScheduler(deps, { outbox, pending, metrics, onScheduled });
  const keeper = new NodeKeeper({
    nodeId: deps.sockets.cluster.nodeId,
    nodes: new NodeRepository(db),
    flushedTo: () => pending.flushedTo,
    redo: (from, to) => scheduler.redo(from, to),
    logger,
  });
  follow(deps, pending, reads);
  return {
    name: 'push',
    handlers: {},
    outbox,
    partnerPushes: new PartnerPushes({ devices, lookers, outbox, onScheduled }),
    async start() {
      await keeper.start();
      scheduler.start();
      worker.start();
      levels.start();
    },
    async stop() {
      levels.stop();
      const isDone = await scheduler.stop();
      await keeper.stop(isDone);
      await reads.flush();
      await worker.stop();
    },
  };
}

/** Takes note of what this node acknowledges. */
function follow(deps: PushModuleDeps, pending: Pending, reads: ReadNoter): void {
  deps.log.log.subscribe(({ entries, isOwn }) => {
    if (!isOwn) return;
    for (const { document } of entries) if (document.kind === 'message') pending.note(document);
  });
  deps.receipts.marks.subscribe(({ receipt: { conversationId, deliveredSeq, userId } }) => {
    pending.acknowledge(conversationId, userId, deliveredSeq);
  });
  deps.receipts.receipts.subscribe((read) => reads.note(read));
}

function createWorker(
  deps: PushModuleDeps,
  outbox: OutboxRepository,
  metrics: PushMetrics,
): PushWorker {
  const { policy: blocks } = deps.blocks;
  const { devices } = deps.devices;
  const { foreground: lookers } = deps.foreground;
  const { logger, now, pushSender: sender } = deps.infrastructure;
  const { entries } = deps.log;
  const { profiles } = deps.profiles;
  const { conversations, members } = deps.projection;
  const composer = new PushComposer({
    members,
    conversations,
    entries,
    profiles,
    blocks,
    lookers,
    now,
  });
  return new PushWorker({
    outbox,
    devices,
    sessions: deps.sockets.sessions,
    composer,
    sender,
    metrics,
    newToken: () => randomUUID(),
    now,
    random: Math.random,
    logger,
  });
}

function createScheduler(
  deps: PushModuleDeps,
  parts: {
    readonly outbox: OutboxRepository;
    readonly pending: Pending;
    readonly metrics: PushMetrics;
    readonly onScheduled: () => void;
  },
): PushScheduler {
  const { devices } = deps.devices;
  const { foreground: lookers } = deps.foreground;
  const { now, reportFault } = deps.infrastructure;
  const { entries, log } = deps.log;
  const { members } = deps.projection;
  const { metrics, onScheduled, outbox, pending } = parts;
  return new PushScheduler({
    pending,
    recipients: new Recipients({ log, devices, members, lookers, now }),
    outbox,
    entries,
    lookers,
    patience: deps.infrastructure.config.pushAfter,
    onScheduled,
    overflow: metrics.unseen,
    now,
    reportFault,
  });
}

interface LevelsDeps {
  readonly devices: Pick<DeviceRepository, 'count'>;
  readonly outbox: Pick<OutboxRepository, 'waiting'>;
  readonly reportFault: ReportFault;
}

/** Counts that are read from the database now and then, not when metrics are scraped. */
class Levels {
  waiting = 0;
  devices = 0;
  readonly #deps: LevelsDeps;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: LevelsDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#read().catch((error: unknown) => this.#deps.reportFault('push_count_failed', error));
    }, LEVELS_EVERY).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #read(): Promise<void> {
    this.waiting = await this.#deps.outbox.waiting(WAITING_COUNTED_TO);
    this.devices = await this.#deps.devices.count();
  }
}
