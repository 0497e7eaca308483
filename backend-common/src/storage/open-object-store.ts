import { ConfigError } from '../config/environment.ts';
import type { Logger } from '../logging/logger.ts';
import { S3ObjectStore, type S3ObjectStoreDeps } from './s3-object-store.ts';
import type { ObjectStoreSettings } from './settings.ts';

/**
 * Opens the store that the settings name and looks whether it is set up; undefined, said in the log, where none is
 * named. A store that does not answer keeps nobody from starting: chats go on without it.
 * @throws ConfigError where the bucket, its keys or its CORS rules do not fit
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
