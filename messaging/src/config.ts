import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  ConfigError,
  objectStoreEnvironment,
  onOff,
  origin,
  readEnvironment,
  readObjectStoreSettings,
  refuseUnlimitedProduction,
  secretsOf,
  serviceEnvironment,
  type Environment,
  type Secrets,
  type ObjectStoreSettings,
} from '@parley/backend-common';
import { LIMITS, MINUTE } from '@parley/common';
import { z } from 'zod';

/** Whether a text is a private key in the PEM format. */
function isPrivateKey(text: string): boolean {
  try {
    return createPrivateKey(text).type === 'private';
  } catch {
    return false;
  }
}

const accountSchema = z.object({
  client_email: z.string().min(1),
  private_key: z.string().refine(isPrivateKey),
  project_id: z.string().min(1),
});

/** The path of the JSON file of a service account, as downloaded from the Firebase console. */
const serviceAccount = z.string().refine((path) => {
  try {
    return accountSchema.safeParse(JSON.parse(readFileSync(path, 'utf8'))).success;
  } catch {
    return false;
  }
}, 'Must be the path of the JSON file of a service account');

/** The variables that the messaging service reads. */
export const messagingEnvironment = z.object({
  ...serviceEnvironment,
  ...objectStoreEnvironment,
  PARLEY_AUTH_URL: z.url({ protocol: /^https?$/ }).optional(),
  PARLEY_PUBLIC_ORIGIN: origin.optional(),
  PARLEY_LONG_POLLING: onOff.default(false),
  PARLEY_PUSH_AFTER: z.coerce.number().int().min(0).max(MINUTE).default(LIMITS.pushAfter),
  PARLEY_PUSH_CONCURRENCY: z.coerce.number().int().min(1).max(2_000).default(250),
  GOOGLE_APPLICATION_CREDENTIALS: serviceAccount.optional(),
  PARLEY_ATTACHMENT_BYTES_PER_DAY: z.coerce
    .number()
    .int()
    .min(0)
    .default(10 * 1024 ** 3),
});

/** The configuration of the messaging service. */
export interface Config {
  readonly host: string;
  /** 0 selects any free port. */
  readonly port: number;
  readonly metricsPort: number;
  readonly mongoUri: string;
  /** Absent: there is only one node. */
  readonly redisUrl: string | undefined;
  /** URL of the auth service, which is notified of the sessions in use; absent: it is not notified. */
  readonly authUrl: string | undefined;
  /** Other web origins that may connect; they must match exactly. */
  readonly origins: readonly string[];
  /** The web origin of the product, if it is behind a proxy. */
  readonly publicOrigin: string | undefined;
  readonly trustedProxies: readonly string[];
  /** The object store of attachments; absent: attachments are disabled. */
  readonly objectStore: ObjectStoreSettings | undefined;
  /** Bytes of attachments that a user may create per day. */
  readonly attachmentBytesPerDay: number;
  /** Whether HTTP long polling is enabled. With several nodes it needs sticky sessions. */
  readonly longPolling: boolean;
  /** Milliseconds in which a device may acknowledge before a push is scheduled, and between two pushes. */
  readonly pushAfter: number;
  /** Pushes that are sent concurrently, each over a connection to Firebase of its own. */
  readonly pushConcurrency: number;
  /** Path of the JSON file of a Firebase service account; absent: pushes are only logged. */
  readonly firebaseCredentials: string | undefined;
  /** Usernames or ids of the administrators. */
  readonly admins: readonly string[];
  /** Whether the rate limits are enabled. */
  readonly rateLimits: boolean;
  readonly logLevel: string;
  readonly logDirectory: string | undefined;
  /** Names this process in its log. */
  readonly serverId: string | undefined;
  readonly secrets: Secrets;
}

/** Reads the configuration of the messaging service. @throws ConfigError that lists every fault */
export function readConfig(env: Environment): Config {
  const given = readEnvironment(messagingEnvironment, env);
  refuseUnlimitedProduction(given);
  return {
    host: given.HOST,
    port: given.PORT,
    metricsPort: given.METRICS_PORT,
    mongoUri: given.MONGODB_URI,
    redisUrl: given.REDIS_URL,
    authUrl: withoutSlashes(given.PARLEY_AUTH_URL),
    origins: given.PARLEY_ORIGINS,
    publicOrigin: given.PARLEY_PUBLIC_ORIGIN,
    trustedProxies: given.PARLEY_TRUSTED_PROXIES,
    objectStore: readObjectStoreSettings(given),
    attachmentBytesPerDay: given.PARLEY_ATTACHMENT_BYTES_PER_DAY,
    longPolling: given.PARLEY_LONG_POLLING,
    pushAfter: given.PARLEY_PUSH_AFTER,
    pushConcurrency: given.PARLEY_PUSH_CONCURRENCY,
    firebaseCredentials: given.GOOGLE_APPLICATION_CREDENTIALS,
    admins: given.PARLEY_ADMINS,
    rateLimits: given.PARLEY_RATE_LIMITS,
    logLevel: given.PARLEY_LOG_LEVEL,
    logDirectory: given.PARLEY_LOG_DIR,
    serverId: given.PARLEY_SERVER_ID,
    secrets: secretsOf(given),
  };
}

/** A URL without slashes at the end. */
function withoutSlashes(url: string | undefined): string | undefined {
  return url?.endsWith('/') === true ? withoutSlashes(url.slice(0, -1)) : url;
}

const setupSchema = z.object({
  ...objectStoreEnvironment,
  PARLEY_ORIGINS: serviceEnvironment.PARLEY_ORIGINS,
  PARLEY_PUBLIC_ORIGIN: origin.optional(),
});

/** The configuration of the bucket setup. */
export interface SetupConfig {
  readonly store: ObjectStoreSettings;
  /** Web origins whose pages may use the bucket; at least one. */
  readonly origins: readonly string[];
}

/** Reads the configuration of the bucket setup. @throws ConfigError that says what is missing */
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
