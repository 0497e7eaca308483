import { createLogger, list, port, readEnvironment } from '@parley/backend-common';
import { z } from 'zod';
import { type Environment } from '../config.ts';
import { type EmbeddedStoreOptions } from './embedded-store.ts';

const schema = z.object({
  HOST: z.string(),
  PORT: port.default(0),
  PARLEY_STORE_FOLDER: z.string(),
  PARLEY_STORE_ORIGINS: list,
  PARLEY_LOG_DIR: z.string().optional(),
  S3_ACCESS_KEY_ID: z.string(),
  S3_SECRET_ACCESS_KEY: z.string(),
  S3_BUCKET: z.string(),
});

/** The variables that the launcher sets for the process of its object store. */
export function storeEnvironment(options: Omit<EmbeddedStoreOptions, 'logger' | 'port'>) {
  return {
    HOST: options.host,
    PARLEY_STORE_FOLDER: options.folder,
    PARLEY_STORE_ORIGINS: options.origins.join(','),
    S3_ACCESS_KEY_ID: options.keys.accessKeyId,
    S3_SECRET_ACCESS_KEY: options.keys.secretAccessKey,
    S3_BUCKET: options.bucket,
  };
}

/** Reads what {@link storeEnvironment} wrote. */
export function readStoreConfig(env: Environment): EmbeddedStoreOptions {
  const given = readEnvironment(schema, env);
  return {
    host: given.HOST,
    port: given.PORT,
    folder: given.PARLEY_STORE_FOLDER,
    origins: given.PARLEY_STORE_ORIGINS,
    keys: { accessKeyId: given.S3_ACCESS_KEY_ID, secretAccessKey: given.S3_SECRET_ACCESS_KEY },
    bucket: given.S3_BUCKET,
    logger: createLogger({
      service: 'object-store',
      level: 'warn',
      directory: given.PARLEY_LOG_DIR,
    }),
  };
}
