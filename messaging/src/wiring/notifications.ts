import type { Conversations } from '../conversations.ts';
import { DeviceRepository } from '../devices/repository.ts';
import { DeviceService } from '../devices/service.ts';
import { DeviceSweeper } from '../devices/sweeper.ts';
import { PushComposer } from '../push/composer.ts';
import { DeliveryReporter } from '../delivery-reports/delivery-reporter.ts';
import { NodeKeeper } from '../push/heartbeat/node-heartbeat.ts';
import { NodeRepository } from '../push/heartbeat/node-repository.ts';
import { PartnerPushes } from '../push/partner-pushes.ts';
import type { PushBlocks, PushSender } from '../push/ports.ts';
import { createPushMetrics, type PushMetrics } from '../push/push-metrics.ts';
import { PushScheduler } from '../push/scheduling/push-scheduler.ts';
import { PushWorker } from '../push/outbox/push-worker.ts';
import { Recipients } from '../push/scheduling/recipient-selector.ts';
import type { Ground } from './ground.ts';
import type { Nodes } from './nodes.ts';
import { newClaim, openSender, type PushGround } from './pushes.ts';
import type { Sessions } from './sessions.ts';

/** What reaches people who are not connected. */
export interface Notifications {
  readonly devices: DeviceService;
  readonly deliveries: DeliveryReporter;
  /** Schedules pushes of partner events. */
  readonly partnerPushes: PartnerPushes;
  /** How pushes leave, for people who run this. */
  readonly push: 'firebase' | 'logged';
}

type Parts = Pick<
  Conversations,
  'access' | 'conversations' | 'entries' | 'log' | 'members' | 'newId' | 'profiles'
> &
  Pick<Nodes, 'nodeId'> &
  Pick<Sessions, 'closer' | 'reader'> & {
    readonly pushes: PushGround;
    readonly blocks: PushBlocks;
  };

const LEVELS_EVERY = 15_000;
const WAITING_COUNTED_TO = 10_000;

/** Puts together what reaches people who are not connected. */
export async function createNotifications(ground: Ground, parts: Parts): Promise<Notifications> {
  const { config, mongo, resources } = ground;
  const { pushes } = parts;
  const devices = new DeviceRepository(mongo.db);
  const service = createDevices(ground, parts, devices);
  const sender = await openSender(ground);
  resources.defer('push sender', () => sender.close());
  const metrics = measure(ground, { devices, pushes, sender });
  const shared = { ...ground, ...parts, ...pushes, devices, lookers: pushes.foreground };
  const recipients = new Recipients(shared);
  const scheduler = new PushScheduler({
    ...{ ...shared, recipients },
    patience: config.pushAfter,
    onScheduled: pushes.due,
    overflow: metrics.unseen,
  });
  const composer = new PushComposer(shared);
  const worker = new PushWorker({
    ...{ ...shared, composer, sender, metrics },
    sessions: parts.reader,
    newToken: newClaim,
    random: Math.random,
  });
  const keeper = new NodeKeeper({
    ...shared,
    nodes: new NodeRepository(mongo.db),
    flushedTo: () => pushes.pending.flushedTo,
    redo: (from, to) => scheduler.redo(from, to),
  });
  await keeper.start();
  pushes.onDue(() => void worker.run());
  scheduler.start();
  worker.start();
  resources.defer('pushes', async () => {
    const isDone = await scheduler.stop();
    await keeper.stop(isDone);
    await worker.stop();
  });
  return {
    devices: service,
    deliveries: new DeliveryReporter({
      ...shared,
      reaches: sender.reaches,
      patience: config.pushAfter,
    }),
    partnerPushes: new PartnerPushes({ ...shared, onScheduled: pushes.due }),
    push: sender.reaches ? 'firebase' : 'logged',
  };
}

function createDevices(ground: Ground, parts: Parts, devices: DeviceRepository): DeviceService {
  const { onFault, resources } = ground;
  const service = new DeviceService({ ...ground, ...parts, devices });
  parts.closer.onEnded((sessionIds) => {
    service.end(sessionIds).catch((error: unknown) => {
      onFault('Devices of ended sessions were not removed', error);
    });
  });
  const sweeper = new DeviceSweeper({
    ...{ ...ground, devices },
    sessions: parts.reader,
    random: Math.random,
  });
  sweeper.start();
  resources.defer('devices', () => sweeper.stop());
  return service;
}

/** What is counted is asked of the database now and then, not when somebody scrapes. */
function measure(
  { metrics, onFault, resources }: Ground,
  parts: {
    readonly devices: DeviceRepository;
    readonly pushes: PushGround;
    readonly sender: PushSender;
  },
): PushMetrics {
  const levels = { waiting: 0, devices: 0 };
  const look = async () => {
    levels.waiting = await parts.pushes.outbox.waiting(WAITING_COUNTED_TO);
    levels.devices = await parts.devices.count();
  };
  const timer = setInterval(() => {
    look().catch((error: unknown) => onFault('Pushes could not be counted', error));
  }, LEVELS_EVERY).unref();
  resources.defer('levels', () => clearInterval(timer));
  return createPushMetrics(metrics, levels, parts.sender.reaches);
}
