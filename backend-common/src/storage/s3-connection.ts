import type * as Sdk from '@aws-sdk/client-s3';
import { SECOND } from '@parley/common';

import type { ObjectStoreSettings } from './settings.ts';

/** The library with a client of one endpoint. */
export interface LoadedConnection {
  readonly sdk: typeof Sdk;
  readonly client: Sdk.S3Client;
}

const ATTEMPTS = 3;
const CONNECT_TIMEOUT = 3 * SECOND;
const MAX_CONNECTIONS = 50;

/** A client for one endpoint of the store. The library is imported on demand, because it needs a third of the memory of a node at rest. */
export class S3Connection {
  readonly #settings: ObjectStoreSettings;
  readonly #endpoint: string;
  #loading: Promise<LoadedConnection> | undefined;
  #isClosed = false;

  constructor(settings: ObjectStoreSettings, endpoint: string) {
    this.#settings = settings;
    this.#endpoint = endpoint;
  }

  /** The library and the client, which are created by the first call. */
  load(): Promise<LoadedConnection> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  /** Closes all connections. */
  close(): void {
    this.#isClosed = true;
    void this.#loading?.then(({ client }) => client.destroy());
  }

  async #load(): Promise<LoadedConnection> {
    const sdk = await import('@aws-sdk/client-s3');
    const client = createS3Client(sdk, this.#settings, this.#endpoint);
    if (this.#isClosed) client.destroy();
    return { sdk, client };
  }
}

/** It sends checksums only for operations that require them, because R2 and older stores refuse those that newer SDKs add. */
function createS3Client(
  { S3Client }: typeof Sdk,
  { region, secret }: ObjectStoreSettings,
  endpoint: string,
): Sdk.S3Client {
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
