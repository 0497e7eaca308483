import { S3Client } from '@aws-sdk/client-s3';
import { SECOND } from '@parley/common';

import type { ObjectStoreSettings } from './settings.ts';

const ATTEMPTS = 3;
const CONNECT_TIMEOUT = 3 * SECOND;
const MAX_CONNECTIONS = 50;

/**
 * Creates a client for one endpoint of the store. It sends checksums only for operations that require them, because R2
 * and older stores refuse those that newer SDKs add.
 */
export function createS3Client(
  { region, secret }: ObjectStoreSettings,
  endpoint: string,
): S3Client {
  return new S3Client({
    endpoint,
    region,
    credentials: secret,
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT,
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: true, maxSockets: MAX_CONNECTIONS },
      httpsAgent: { keepAlive: true, maxSockets: MAX_CONNECTIONS },
    },
  });
}
