import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Now } from '@parley/common';

import { Metrics } from '../metrics/metrics.ts';
import { S3ObjectStore } from '../storage/s3-object-store.ts';
import type { ObjectStoreSettings } from '../storage/settings.ts';

/** What a test decides about its store. */
export interface TestObjectStoreOptions {
  readonly settings?: ObjectStoreSettings;
  readonly now?: Now;
  readonly metrics?: Metrics;
  readonly origins?: readonly string[];
}

/** The test run's object store with a bucket that no other test uses; it is made when it is first used. */
export function testObjectStoreSettings(): ObjectStoreSettings {
  const given = process.env['PARLEY_TEST_S3_URL'];
  if (given === undefined) throw new Error('PARLEY_TEST_S3_URL is not set: run through mocha');
  const { origin, password, username } = new URL(given);
  const bucket = `test-${randomBytes(6).toString('hex')}`;
  // The embedded store makes a bucket when it is first used; where buckets are folders, the test makes its own.
  const folder = process.env['PARLEY_TEST_S3_FOLDER'];
  if (folder !== undefined) mkdirSync(join(folder, bucket));
  return {
    endpoint: origin,
    publicEndpoint: origin,
    region: 'us-east-1',
    bucket,
    secret: { accessKeyId: username, secretAccessKey: password },
  };
}

/** The variables that make a service use these settings. */
export function objectStoreVariables(settings: ObjectStoreSettings): Record<string, string> {
  return {
    S3_ENDPOINT: settings.endpoint,
    S3_PUBLIC_ENDPOINT: settings.publicEndpoint,
    S3_REGION: settings.region,
    S3_BUCKET: settings.bucket,
    S3_ACCESS_KEY_ID: settings.secret.accessKeyId,
    S3_SECRET_ACCESS_KEY: settings.secret.secretAccessKey,
  };
}

/** A store on a bucket of its own; the test closes it. */
export function testObjectStore(options: TestObjectStoreOptions = {}): S3ObjectStore {
  return new S3ObjectStore({
    settings: options.settings ?? testObjectStoreSettings(),
    now: options.now ?? Date.now,
    metrics: options.metrics ?? new Metrics('test'),
    ...(options.origins === undefined ? {} : { origins: options.origins }),
  });
}
