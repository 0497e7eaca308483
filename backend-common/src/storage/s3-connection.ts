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
  readonly #importSdk: () => Promise<typeof Sdk>;
  #loading: Promise<LoadedConnection> | undefined;
  #client: Sdk.S3Client | undefined;
  #isClosed = false;

  constructor(
    settings: ObjectStoreSettings,
    endpoint: string,
    importSdk: () => Promise<typeof Sdk> = () => import('@aws-sdk/client-s3'),
  ) {
    this.#settings = settings;
    this.#endpoint = endpoint;
    this.#importSdk = importSdk;
  }

  /** The library and the client, which the first call creates. After a failure, for want of files to open, the next call does. */
  load(): Promise<LoadedConnection> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  /** Closes all connections. */
  close(): void {
    this.#isClosed = true;
    this.#client?.destroy();
  }

  async #load(): Promise<LoadedConnection> {
    try {
      const sdk = await this.#importSdk();
      const client = createS3Client(sdk, this.#settings, this.#endpoint);
      this.#client = client;
      if (this.#isClosed) client.destroy();
      return { sdk, client };
    } catch (error) {
      this.#loading = undefined;
      throw error;
    }
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
