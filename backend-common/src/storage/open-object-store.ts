import { ConfigError } from '../config/environment.ts';
import type { Logger } from '../logging/logger.ts';
import { S3ObjectStore, type S3ObjectStoreDeps } from './s3-object-store.ts';
import type { ObjectStoreSettings } from './settings.ts';

/**
 * Opens the configured object store and checks it. Logs that attachments are off and returns undefined if none is
 * configured. If the store does not answer, the service starts all the same: chats work without it.
 * @throws ConfigError if the bucket, the access key or the CORS rules are wrong
 */
export async function openObjectStore(
  settings: ObjectStoreSettings | undefined,
  deps: Omit<S3ObjectStoreDeps, 'settings'> & { readonly logger: Logger },
): Promise<S3ObjectStore | undefined> {
  const { logger } = deps;
  if (settings === undefined) {
    logger.info('Attachments are off: S3_ENDPOINT is not set');
    return undefined;
  }
  const store = new S3ObjectStore({ ...deps, settings });
  try {
    await store.check();
  } catch (error) {
    if (error instanceof ConfigError) {
      store.close();
      throw error;
    }
    logger.warn({ err: error }, 'The object store does not answer; attachments wait for it');
  }
  return store;
}
