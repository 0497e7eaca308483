import { readFileSync } from 'node:fs';
import {
  ConfigError,
  objectStoreEnvironment,
  onOff,
  origin,
  readEnvironment,
  readObjectStoreSettings,
  refuseUnlimitedProduction,
  serviceEnvironment,
  type Environment,
  type ObjectStoreSettings,
} from '@parley/backend-common';
import { LIMITS, MINUTE } from '@parley/common';
import { z } from 'zod';

const accountSchema = z.object({
  private_key: z.string().min(1),
  project_id: z.string().min(1),
});

/** The path of a file that holds a service account, as the console of Firebase gives it. */
const serviceAccount = z.string().refine((path) => {
  try {
    return accountSchema.safeParse(JSON.parse(readFileSync(path, 'utf8'))).success;
  } catch {
    return false;
  }
}, 'Must be the path of the JSON of a service account');

const schema = z.object({
  ...serviceEnvironment,
  ...objectStoreEnvironment,
  PARLEY_AUTH_URL: z.url({ protocol: /^https?$/ }).optional(),
  PARLEY_PUBLIC_ORIGIN: origin.optional(),
  PARLEY_LONG_POLLING: onOff.default(false),
  PARLEY_PUSH_AFTER: z.coerce.number().int().min(0).max(MINUTE).default(LIMITS.pushAfter),
  GOOGLE_APPLICATION_CREDENTIALS: serviceAccount.optional(),
  PARLEY_ATTACHMENT_BYTES_PER_DAY: z.coerce
    .number()
    .int()
    .min(0)
    .default(10 * 1024 ** 3),
});

/** What the messaging service is told from outside. */
export interface Config {
  readonly host: string;
  /** 0 asks for any free port. */
  readonly port: number;
  readonly metricsPort: number;
  readonly mongoUri: string;
  /** Absent: this is the only node. */
  readonly redisUrl: string | undefined;
  /** Where the auth service is told which sessions are in use; absent: it is not told. */
  readonly authUrl: string | undefined;
  /** Other web origins that may connect, exactly. */
  readonly origins: readonly string[];
  /** Our own web origin, where a proxy hides it. */
  readonly publicOrigin: string | undefined;
  readonly trustedProxies: readonly string[];
  /** Where attachments are kept; absent: there are none. */
  readonly objectStore: ObjectStoreSettings | undefined;
  /** Bytes of attachments that a person may announce a day. */
  readonly attachmentBytesPerDay: number;
  /** Whether clients may poll; behind several nodes that needs sticky sessions. */
  readonly longPolling: boolean;
  /** Milliseconds in which a device may acknowledge before the person is pushed to, and between two pushes. */
  readonly pushAfter: number;
  /** Path of a service account of Firebase; absent: pushes are logged. */
  readonly firebaseCredentials: string | undefined;
  /** Whether the limits hold that keep load away. */
  readonly rateLimits: boolean;
  readonly logLevel: string;
  readonly logDirectory: string | undefined;
  readonly secrets: { readonly secret: string };
}

/** Reads the configuration of the messaging service. @throws ConfigError that names every fault */
export function readConfig(env: Environment): Config {
  const given = readEnvironment(schema, env);
  refuseUnlimitedProduction(given);
  return {
    host: given.HOST,
    port: given.PORT,
    metricsPort: given.METRICS_PORT,
    mongoUri: given.MONGODB_URI,
    redisUrl: given.REDIS_URL,
    authUrl: given.PARLEY_AUTH_URL?.replace(/\/+$/, ''),
    origins: given.PARLEY_ORIGINS,
    publicOrigin: given.PARLEY_PUBLIC_ORIGIN,
    trustedProxies: given.PARLEY_TRUSTED_PROXIES,
    objectStore: readObjectStoreSettings(given),
    attachmentBytesPerDay: given.PARLEY_ATTACHMENT_BYTES_PER_DAY,
    longPolling: given.PARLEY_LONG_POLLING,
    pushAfter: given.PARLEY_PUSH_AFTER,
    firebaseCredentials: given.GOOGLE_APPLICATION_CREDENTIALS,
    rateLimits: given.PARLEY_RATE_LIMITS,
    logLevel: given.PARLEY_LOG_LEVEL,
    logDirectory: given.PARLEY_LOG_DIR,
    secrets: { secret: given.PARLEY_SECRET },
  };
}

const setupSchema = z.object({
  ...objectStoreEnvironment,
  PARLEY_ORIGINS: serviceEnvironment.PARLEY_ORIGINS,
  PARLEY_PUBLIC_ORIGIN: origin.optional(),
});

/** What setting up a bucket is told from outside. */
export interface SetupConfig {
  readonly store: ObjectStoreSettings;
  /** Web origins whose pages may use the bucket, one at least. */
  readonly origins: readonly string[];
}

/** Reads what setting up the bucket needs: the store and our web origins. @throws ConfigError that names what is missing */
export function readSetupConfig(env: Environment): SetupConfig {
  const given = readEnvironment(setupSchema, env);
  const store = readObjectStoreSettings(given);
  if (store === undefined) {
    throw new ConfigError('S3_ENDPOINT, S3_BUCKET and its keys say which bucket to set up');
  }
  const own = given.PARLEY_PUBLIC_ORIGIN;
  const origins = [...new Set([...(own === undefined ? [] : [own]), ...given.PARLEY_ORIGINS])];
  if (origins.length === 0) {
    throw new ConfigError('PARLEY_PUBLIC_ORIGIN says which pages may use the bucket');
  }
  return { store, origins };
}

/** The environment of this process. */
export function processEnvironment(): Environment {
  return process.env;
}
