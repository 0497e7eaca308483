import { Periodic } from '@parley/backend-common';
import { SECOND } from '@parley/common';

import type { ConversationRepository } from '../conversations/conversation-repository.ts';
import { LogLagRepository } from '../conversations/log-lag-repository.ts';
import type { Infrastructure } from '../infrastructure.ts';
import type { LogModule } from '../log/module.ts';
import { createTimers, type Timers } from '../log/timers.ts';
import type { Module } from '../module.ts';
import type { Sockets } from '../transport/sockets.ts';
import { CompleteLink } from './change-stream/complete-link.ts';
import { EntryStreamRepository } from './change-stream/entry-stream-repository.ts';
import { PositionStream } from './change-stream/position-stream-repository.ts';
import { createFollowerMetrics } from './change-stream/follower-metrics.ts';
import { LogFollower } from './change-stream/log-follower.ts';
import { RunningNodeRepository } from './change-stream/running-node-repository.ts';
import { Delivery } from './delivery.ts';
import { createEntryEvents } from './entry-events.ts';
import { SWEEP_EVERY } from './ordered-delivery-registry.ts';
import { PlainSessions } from './plain-sessions.ts';
import type { ConversationPresenter } from './ports.ts';
import { RoomRepository } from './room-repository.ts';

export interface DeliveryModuleDeps {
  readonly infrastructure: Pick<
    Infrastructure,
    'db' | 'entryHops' | 'logger' | 'metrics' | 'now' | 'periodicMetrics' | 'reportFault'
  >;
  readonly log: Pick<LogModule, 'entries' | 'log'>;
  readonly projection: { readonly conversations: Pick<ConversationRepository, 'projectedThrough'> };
  readonly conversations: { readonly presenter: ConversationPresenter };
  readonly sockets: Pick<Sockets, 'cluster' | 'local' | 'registry'>;
}

export interface DeliveryModule extends Module {
  readonly delivery: Delivery;
  /** The plain sockets of this node. The module that replays to them subscribes here. */
  readonly plain: PlainSessions;
}

/** Milliseconds between two comparisons of the running nodes with those whose heartbeats arrive. */
const CHECK_NODES_EVERY = 5 * SECOND;

/** Sends committed entries to the sockets of this node, and announces them to the other nodes. */
export function createDeliveryModule(deps: DeliveryModuleDeps): DeliveryModule {
  const { log } = deps.log;
  const { cluster, registry } = deps.sockets;
  const { entryHops, periodicMetrics, reportFault } = deps.infrastructure;
  const timers = createTimers();
  const plain = new PlainSessions();
  const delivery = createDelivery(deps, plain, timers);
  const comparing = new Periodic({
    name: 'compare_deliveries',
    every: SWEEP_EVERY,
    run: () => delivery.sweep(),
    metrics: periodicMetrics,
    onFault: (error) => reportFault('delivery_comparison_failed', error),
  });
  const follower = createFollower(deps, delivery, timers);
  log.subscribe((committed) => {
    delivery.committed(committed);
    if (committed.isOwn) entryHops.committed(committed.entries);
  });
  registry.subscribe(delivery);
  cluster.onReconnected(() => {
    delivery.compareAll().catch((error: unknown) => {
      reportFault('reconnect_comparison_failed', error);
    });
  });
  return {
    name: 'delivery',
    handlers: {},
    delivery,
    plain,
    start() {
      delivery.start();
      comparing.start();
      follower.start();
    },
    async stop() {
      await follower.stop();
      await comparing.stop();
      await delivery.stop();
      timers.clear();
    },
  };
}

function createDelivery(
  { conversations, infrastructure, log, projection, sockets }: DeliveryModuleDeps,
  plain: PlainSessions,
  timers: Timers,
): Delivery {
  const { db, metrics, reportFault } = infrastructure;
  const lag = new LogLagRepository(db);
  metrics.observed(
    'parley_rooms_kept',
    'Memberships of users without a socket whose rooms are kept, so that their reconnect reads none',
    () => sockets.local.rooms.kept,
  );
  const delivery = new Delivery({
    sockets: sockets.local,
    clusterEvents: createEntryEvents(sockets.cluster, infrastructure),
    log: log.log,
    entries: log.entries,
    rooms: new RoomRepository(db),
    openPositions: () => PositionStream.open(db),
    membersBehind: async (ids) =>
      lag.membersBehind(await projection.conversations.projectedThrough(ids)),
    presenter: conversations.presenter,
    plain,
    timers,
    monotonic: () => performance.now(),
    reportFault,
  });
  metrics.observed(
    'parley_delivery_following',
    '1 while the change stream says which logs have grown, because this node has many conversations',
    () => Number(delivery.isFollowing),
  );
  return delivery;
}

/** Reads the change stream while cluster events of some node do not arrive. */
function createFollower(
  { infrastructure, sockets }: DeliveryModuleDeps,
  delivery: Delivery,
  timers: Timers,
): { start(): void; stop(): Promise<void> } {
  const { db, logger, metrics, now, periodicMetrics, reportFault } = infrastructure;
  const { link, nodes, redis } = sockets.cluster;
  const running = new RunningNodeRepository(db);
  const completeLink = new CompleteLink({ link, nodes, running: () => running.ids(now()) });
  const checking = new Periodic({
    name: 'check_running_nodes',
    every: CHECK_NODES_EVERY,
    run: () => completeLink.check(),
    metrics: periodicMetrics,
    onFault: (error) => reportFault('node_check_failed', error),
  });
  const follower = new LogFollower({
    entries: new EntryStreamRepository(db),
    link: completeLink,
    received: (document) => delivery.stored(document),
    compareAll: () => delivery.compareAll(),
    timers,
    monotonic: () => performance.now(),
    random: Math.random,
    logger,
    metrics: createFollowerMetrics(metrics),
    reportFault,
  });
  nodes.subscribe(() => checking.wake());
  return {
    start() {
      follower.start();
      // Without Redis there is one node, and no heartbeat to wait for.
      if (redis !== undefined) checking.start();
    },
    async stop() {
      await checking.stop();
      await follower.stop();
    },
  };
}
