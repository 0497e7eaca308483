import { SECOND } from '@parley/common';
import { MongoClient, ReadConcern, type Db, type DbOptions } from 'mongodb';

import type { Logger } from '../logging/logger.ts';

export type { Collection, Db, MongoClient } from 'mongodb';

/** How a service reaches MongoDB. */
export interface MongoOptions {
  readonly uri: string;
  readonly appName: string;
  readonly logger: Logger;
  /** Maximum number of connections; default 50. */
  readonly maxPoolSize?: number;
  /** Milliseconds to wait for the first answer before giving up; default 60 s. */
  readonly patience?: number;
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
 * Connects to MongoDB, waits until it answers, and says what it waits for.
 * Reads are majority reads on the primary and writes are journaled by a majority: what is read here is never taken back.
 */
export async function connectMongo(options: MongoOptions): Promise<Mongo> {
  const client = new MongoClient(options.uri, {
    appName: options.appName,
    maxPoolSize: options.maxPoolSize ?? 50,
    ...CERTAIN,
    retryWrites: true,
    retryReads: true,
    serverSelectionTimeoutMS: 5 * SECOND,
    connectTimeoutMS: 5 * SECOND,
    socketTimeoutMS: 60 * SECOND,
    ignoreUndefined: true,
    // Only our services write, and text is checked where it comes in.
    enableUtf8Validation: false,
    monitorCommands: false,
  });
  await waitForPrimary(client, options);
  const name = new URL(options.uri.replace(/^mongodb(\+srv)?:\/\/[^/?]*/, 'http://host')).pathname;
  // Said again here: what a URI says (`journal=false`, `readConcernLevel=local`) would prevail over the client's options.
  const db = client.db(name.length > 1 ? name.slice(1) : 'parley', CERTAIN);
  return { client, db, close: () => client.close() };
}

async function waitForPrimary(client: MongoClient, options: MongoOptions): Promise<void> {
  const deadline = performance.now() + (options.patience ?? 60 * SECOND);
  for (;;) {
    try {
      await client.connect();
      await client.db('admin').command({ ping: 1 });
      return;
    } catch (error) {
      if (performance.now() > deadline) {
        await client.close();
        throw error;
      }
      options.logger.warn({ err: error }, 'Waiting for MongoDB to answer');
    }
  }
}
