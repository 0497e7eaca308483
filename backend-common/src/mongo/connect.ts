import { setTimeout } from 'node:timers/promises';
import { SECOND } from '@parley/common';
import { MongoClient, MongoServerError, ReadConcern, type Db, type DbOptions } from 'mongodb';

import { certificateFault } from '../config/certificate-fault.ts';
import { ConfigError } from '../config/environment.ts';
import type { Logger } from '../logging/logger.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { backoffDelay, type Backoff } from '../work/backoff.ts';
import { measureTopology } from './topology-metrics.ts';

export type { Collection, Db, Filter, MongoClient } from 'mongodb';

/** How a service reaches MongoDB. */
export interface MongoOptions {
  readonly uri: string;
  readonly appName: string;
  readonly logger: Logger;
  /** Gets the metrics of the replica set; absent: none are kept. */
  readonly metrics?: Metrics;
  /** Maximum number of connections; default 50. */
  readonly maxPoolSize?: number;
  /** Milliseconds to wait for the first answer before giving up; default 60 s. */
  readonly patience?: number;
  /** Waits between two attempts; for tests. */
  readonly delay?: (milliseconds: number) => Promise<unknown>;
}

/** A connected client and the database that its URI names (`parley` where it names none). */
export interface Mongo {
  readonly client: MongoClient;
  readonly db: Db;
  close(): Promise<void>;
}

/** What is read is never taken back, and what is written stays: the promises of the log rest on both. */
const CERTAIN: DbOptions = {
  readConcern: new ReadConcern('majority'),
  readPreference: 'primary',
  writeConcern: { w: 'majority', journal: true, wtimeoutMS: 10 * SECOND },
};

/**
 * A command that gets no answer ends when the monitor of the driver misses a heartbeat, which cuts all connections:
 * after `heartbeatFrequencyMS + connectTimeoutMS` at most. Its one repetition ends after `serverSelectionTimeoutMS`. So
 * no command takes more than 15 s while MongoDB cannot be reached, and none more than 5 s once that is known.
 */
const OUTAGE = {
  heartbeatFrequencyMS: 5 * SECOND,
  connectTimeoutMS: 5 * SECOND,
  serverSelectionTimeoutMS: 5 * SECOND,
  // Commands that wait for a connection must not outlive those that have one.
  waitQueueTimeoutMS: 10 * SECOND,
};

/** Between two attempts to connect at the start. */
const RETRY: Backoff = { first: SECOND / 4, longest: 5 * SECOND };

/**
 * Connects to MongoDB, waits until it answers, and says what it waits for.
 * Reads are majority reads on the primary and writes are journaled by a majority: what is read here is never taken back.
 * @throws ConfigError if the server refuses the credentials or its certificate is not trusted for all of `patience`, or if it is not a member of a replica set
 */
export async function connectMongo(options: MongoOptions): Promise<Mongo> {
  const client = new MongoClient(options.uri, {
    appName: options.appName,
    maxPoolSize: options.maxPoolSize ?? 50,
    ...CERTAIN,
    retryWrites: true,
    retryReads: true,
    ...OUTAGE,
    socketTimeoutMS: 60 * SECOND,
    ignoreUndefined: true,
    // Only our services write, and text is checked where it comes in.
    enableUtf8Validation: false,
    monitorCommands: false,
  });
  if (options.metrics !== undefined) measureTopology(client, options.metrics);
  await waitForPrimary(client, options);
  const name = new URL(options.uri.replace(/^mongodb(\+srv)?:\/\/[^/?]*/, 'http://host')).pathname;
  // Said again here: what a URI says (`journal=false`, `readConcernLevel=local`) would prevail over the client's options.
  const db = client.db(name.length > 1 ? name.slice(1) : 'parley', CERTAIN);
  return { client, db, close: () => client.close() };
}

async function waitForPrimary(client: MongoClient, options: MongoOptions): Promise<void> {
  const { delay = setTimeout, logger, patience = 60 * SECOND } = options;
  const giveUpAt = performance.now() + patience;
  let logged: string | undefined;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.connect();
      await requireReplicaSet(client);
      return;
    } catch (error) {
      const fault = configurationFault(error);
      if (error instanceof ConfigError || performance.now() > giveUpAt) {
        await client.close();
        throw fault === undefined ? error : new ConfigError(fault.join(': '));
      }
      const reason = fault?.[0] ?? 'Waiting for MongoDB to answer';
      // One line for each reason: a wrong password is the same at every attempt.
      if (reason !== logged) logger.warn({ err: error }, reason);
      logged = reason;
      await delay(backoffDelay(RETRY, attempt, Math.random));
    }
  }
}

/** What in the configuration makes a connection impossible, and the error that says so. */
function configurationFault(error: unknown): readonly [string, string] | undefined {
  if (error instanceof MongoServerError && error.code === 18) {
    return ['MongoDB refuses the credentials in MONGODB_URI', error.message];
  }
  const certificate = certificateFault(error);
  if (certificate === undefined) return undefined;
  return ['The certificate of MongoDB is not trusted', certificate];
}

/** Transactions and majority reads need a replica set. */
async function requireReplicaSet(client: MongoClient): Promise<void> {
  const { msg, setName } = await client.db('admin').command({ hello: 1 });
  if (setName !== undefined || msg === 'isdbgrid') return;
  throw new ConfigError(
    'MONGODB_URI names a standalone server. Parley needs a replica set; a set of one member is enough for a trial',
  );
}
