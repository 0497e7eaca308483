import {
  Metrics,
  connectMongo,
  createClock,
  migrate,
  openObjectStore,
  type Logger,
  type Mongo,
  type ObjectStore,
  type Resources,
} from '@parley/backend-common';
import type { Now } from '@parley/common';

import { openImaging } from '../attachments/imaging.ts';
import type { Imaging } from '../attachments/ports.ts';
import type { Config } from '../config.ts';
import { messagingMigrations } from '../migrations/index.ts';
import type { DatabaseTime } from '../status/repository.ts';
import type { PushSender } from '../push/ports.ts';
import type { TuningOptions } from '../transport/tuning/tuning.ts';

/** What a test or the process around the service decides. */
export interface Overrides {
  readonly now?: Now;
  readonly logger?: Logger;
  /** Checks each answer against the contract. */
  readonly checkOutput?: boolean;
  /** Adds the metrics of the process, where this service has one of its own. */
  readonly processMetrics?: boolean;
  /** Milliseconds until somebody without a connection counts as away. */
  readonly presenceGrace?: number;
  /** What hands pushes on, in place of Firebase or the log. */
  readonly pushSender?: PushSender;
  /** Switches shortcuts of the transport off; all are on by default. */
  readonly tuning?: Partial<TuningOptions>;
}

/** What the service needs from outside to be put together. */
export interface Surroundings {
  readonly config: Config;
  readonly logger: Logger;
  readonly resources: Resources;
  readonly overrides: Overrides;
}

/** What every part of the service stands on. */
export interface Ground extends Surroundings {
  readonly mongo: Mongo;
  readonly metrics: Metrics;
  readonly now: Now;
  /** Where attachments are kept; absent: there are none. */
  readonly objectStore: ObjectStore | undefined;
  /** The same clock as the database sees it within a command; where a test has its own clock, that one. */
  readonly databaseTime: DatabaseTime;
  /** Reads pictures; absent where there are no attachments, or nothing that could. */
  readonly imaging: Imaging | undefined;
  /** Reports a fault that no caller sees. The text is constant: it is a label. */
  readonly onFault: (fault: string, error: unknown) => void;
}

/** Connects the database, brings it to its form, and follows its clock. */
export async function prepareGround(surroundings: Surroundings): Promise<Ground> {
  const { config, logger, overrides, resources } = surroundings;
  const metrics = new Metrics('messaging');
  if (overrides.processMetrics === true) metrics.collectProcess();
  const mongo = await connectMongo({ uri: config.mongoUri, appName: 'parley-messaging', logger });
  resources.defer('mongo', () => mongo.close());
  await migrate(mongo.db, messagingMigrations, logger);
  const now = await chooseClock(surroundings, mongo);
  const objectStore = await openStore(surroundings, { metrics, now });
  const faults = metrics.counter('parley_faults_total', 'Faults that no caller sees', ['fault']);
  return {
    ...surroundings,
    mongo,
    metrics,
    now,
    objectStore,
    databaseTime: () => (overrides.now === undefined ? '$$NOW' : new Date(now())),
    imaging: objectStore === undefined ? undefined : await chooseImaging(surroundings),
    onFault(fault, error) {
      faults.inc({ fault });
      logger.error({ err: error }, fault);
    },
  };
}

async function chooseClock(surroundings: Surroundings, mongo: Mongo): Promise<Now> {
  const { logger, overrides, resources } = surroundings;
  if (overrides.now !== undefined) return overrides.now;
  const clock = await createClock(mongo.db, logger);
  resources.defer('clock', () => clock.close());
  return () => clock.now();
}

async function openStore(
  { config, logger, resources }: Surroundings,
  measured: Pick<Ground, 'metrics' | 'now'>,
): Promise<ObjectStore | undefined> {
  const { objectStore: settings, origins, publicOrigin } = config;
  const pages = publicOrigin === undefined ? origins : [publicOrigin, ...origins];
  const store = await openObjectStore(settings, { ...measured, logger, origins: pages });
  if (store !== undefined) resources.defer('object store', () => store.close());
  return store;
}

async function chooseImaging({ logger }: Surroundings): Promise<Imaging | undefined> {
  const imaging = await openImaging();
  if (imaging === undefined) logger.info('sharp is not installed: no small pictures are made');
  return imaging;
}
