import { randomFillSync } from 'node:crypto';
import {
  Metrics,
  PeriodicMetrics,
  QueueMetrics,
  connectMongo,
  migrate,
  openClock,
  openObjectStore,
  transactionsOf,
  type Db,
  type LeaseTime,
  type Logger,
  type ObjectStore,
  type Resources,
  type Transact,
} from '@parley/backend-common';
import { AdministratorReader, Administrators } from '@parley/backend-common/domain';
import { createIdGenerator, type Now } from '@parley/common';

import type { RemovalOverrides } from './account-removal/remover.ts';
import { openImaging } from './attachments/imaging.ts';
import type { Imaging } from './attachments/ports.ts';
import type { Config } from './config.ts';
import { createEntryHops, type EntryHops } from './delivery/entry-hops.ts';
import { createFaultReporter, type ReportFault } from './faults.ts';
import { messagingMigrations } from './migrations/index.ts';
import { openPushSender } from './push/senders/open-sender.ts';
import type { PushSender } from './push/ports.ts';
import type { TuningOptions } from './transport/tuning/tuning.ts';

/** What a test or the process around the service decides. */
export interface Overrides {
  readonly now?: Now;
  readonly logger?: Logger;
  /** Checks each answer against the contract. */
  readonly checkOutput?: boolean;
  /** Adds the metrics of the process, where this service has one of its own. */
  readonly processMetrics?: boolean;
  /** Milliseconds until a user without a connection counts as offline. */
  readonly presenceGrace?: number;
  /** Waits for milliseconds before the handshake of a client that connects too often goes on; default: a timer. */
  readonly handshakeWait?: (milliseconds: number) => Promise<unknown>;
  /** Milliseconds that a connection gets for its handshake; default 10 s. */
  readonly handshakePatience?: number;
  readonly accountRemoval?: RemovalOverrides;
  /** Sends pushes, in place of Firebase or the log. */
  readonly pushSender?: PushSender;
  /** Switches shortcuts of the transport off; all are on by default. */
  readonly tuning?: Partial<TuningOptions>;
}

/** What the app is built from. */
export interface AppOptions {
  readonly config: Config;
  readonly logger: Logger;
  /** Closes everything that was opened, the last first. */
  readonly resources: Resources;
  readonly overrides: Overrides;
}

/** Connections to what stands outside the process, and what all modules share. */
export interface Infrastructure {
  readonly config: Config;
  readonly logger: Logger;
  readonly db: Db;
  readonly administrators: Administrators;
  /** Rejects while the database does not answer. */
  readonly ping: () => Promise<unknown>;
  readonly transact: Transact;
  readonly metrics: Metrics;
  readonly periodicMetrics: PeriodicMetrics;
  readonly queueMetrics: QueueMetrics;
  readonly entryHops: EntryHops;
  readonly now: Now;
  /** The same clock as the database sees it within a command; where a test has its own clock, that one. */
  readonly databaseTime: LeaseTime;
  readonly newId: () => string;
  /** Where attachments are kept; absent: there are none. */
  readonly objectStore: ObjectStore | undefined;
  /** Reads pictures; absent where there are no attachments. */
  readonly imaging: Imaging | undefined;
  readonly pushSender: PushSender;
  readonly reportFault: ReportFault;
}

/** Connects the database, migrates it, follows its clock, and opens the object store and the push sender. */
export async function openInfrastructure(options: AppOptions): Promise<Infrastructure> {
  const { config, logger, overrides, resources } = options;
  const metrics = new Metrics('messaging');
  if (overrides.processMetrics === true) metrics.collectProcess();
  const mongo = await connectMongo({
    uri: config.mongoUri,
    appName: 'parley-messaging',
    logger,
    metrics,
  });
  resources.defer('mongo', () => mongo.close());
  await migrate(mongo.db, messagingMigrations, logger);
  const periodicMetrics = new PeriodicMetrics(metrics);
  const now = await openClock({
    ...{ db: mongo.db, logger, resources },
    metrics: periodicMetrics,
    instead: overrides.now,
  });
  const entryHops = createEntryHops(metrics, now);
  const objectStore = await openStore(options, metrics, now);
  const pushSender =
    overrides.pushSender ??
    openPushSender(
      { credential: config.firebaseCredentials, connections: config.pushConcurrency },
      logger,
    );
  resources.defer('push sender', () => pushSender.close());
  const reportFault = createFaultReporter(metrics, logger);
  return {
    config,
    logger,
    db: mongo.db,
    administrators: new Administrators({
      listed: config.admins,
      users: new AdministratorReader(mongo.db),
    }),
    ping: () => mongo.db.command({ ping: 1 }),
    transact: transactionsOf(mongo.client),
    metrics,
    periodicMetrics,
    entryHops,
    queueMetrics: new QueueMetrics(metrics),
    now,
    databaseTime: () => (overrides.now === undefined ? '$$NOW' : new Date(now())),
    newId: createIdGenerator(now, (into) => randomFillSync(into)),
    objectStore,
    imaging: objectStore === undefined ? undefined : chooseImaging(logger, reportFault),
    pushSender,
    reportFault,
  };
}

async function openStore(
  { config, logger, resources }: AppOptions,
  metrics: Metrics,
  now: Now,
): Promise<ObjectStore | undefined> {
  const { objectStore: settings, origins: others, publicOrigin } = config;
  const origins = publicOrigin === undefined ? others : [publicOrigin, ...others];
  const store = await openObjectStore(settings, { metrics, now, logger, origins });
  if (store !== undefined) resources.defer('object store', () => store.close());
  return store;
}

function chooseImaging(logger: Logger, reportFault: ReportFault): Imaging {
  return openImaging({
    onMissing: () => logger.warn('sharp is not installed: no thumbnails are made'),
    onFault: (error) => reportFault('imaging_not_loaded', error),
  });
}
