import { randomBytes } from 'node:crypto';
import { pino } from 'pino';

import { connectMongo, type Mongo } from '../mongo/connect.ts';

/** A database of a test's own. */
export interface TestMongo extends Mongo {
  readonly uri: string;
  /** Drops the database and closes the client. */
  drop(): Promise<void>;
}

/** The URI of the test run's MongoDB with a database name of its own. */
export function testMongoUri(name = `test-${randomBytes(6).toString('hex')}`): string {
  const uri = process.env['PARLEY_TEST_MONGODB_URI'];
  if (uri === undefined) throw new Error('PARLEY_TEST_MONGODB_URI is not set: run through mocha');
  const url = new URL(uri);
  url.pathname = `/${name}`;
  return url.href;
}

/** Connects to a database that no other test uses. */
export async function testMongo(appName = 'test'): Promise<TestMongo> {
  const uri = testMongoUri();
  const mongo = await connectMongo({ uri, appName, logger: pino({ level: 'silent' }) });
  return {
    ...mongo,
    uri,
    async drop() {
      await mongo.db.dropDatabase();
      await mongo.close();
    },
  };
}

/** The URL of the test run's Redis or Valkey. */
export function testRedisUrl(): string {
  const url = process.env['PARLEY_TEST_REDIS_URL'];
  if (url === undefined) throw new Error('PARLEY_TEST_REDIS_URL is not set: run through mocha');
  return url;
}
