import { availableParallelism } from 'node:os';
import {
  origin,
  readEnvironment,
  refuseUnlimitedProduction,
  secretsOf,
  serviceEnvironment,
  type Audience,
  type Environment,
  type Secrets,
} from '@parley/backend-common';
import { webPush, type WebPush } from '@parley/common/contract';
import { z } from 'zod';

const some = z.string().min(1).max(1_000);

/** All of these fields are public. Fields that are not listed here are not passed on to clients. */
const webConfig = z.object({
  vapidKey: z.string().regex(/^[A-Za-z0-9_-]{80,100}$/),
  ...webPush.shape.firebase.extend({ apiKey: some, appId: some, projectId: some }).shape,
});

/** The configuration object of a Firebase web app as its console shows it, with the key for web push beside it. */
const firebaseWebConfig = z.string().transform((text, context): WebPush => {
  try {
    const { vapidKey, ...firebase } = webConfig.parse(JSON.parse(text));
    return { vapidKey, firebase };
  } catch (error) {
    const fields =
      error instanceof z.ZodError ? error.issues.map(({ path }) => path.join('.')) : [];
    const what = fields.length === 0 ? '' : `; look at ${fields.join(', ')}`;
    context.addIssue(`Must be the JSON of a Firebase web app, with vapidKey${what}`);
    return z.NEVER;
  }
});

/** The variables that the auth service reads. */
export const authEnvironment = z.object({
  ...serviceEnvironment,
  PARLEY_PUBLIC_ORIGIN: origin.optional(),
  PARLEY_REGISTRATION: z.enum(['open', 'closed']).default('open'),
  PARLEY_FIREBASE_WEB_CONFIG: firebaseWebConfig.optional(),
});

/** Configuration of the auth service. */
export interface Config {
  readonly host: string;
  /** 0 asks for any free port. */
  readonly port: number;
  readonly metricsPort: number;
  readonly mongoUri: string;
  /** Absent: other services learn of revoked sessions by asking. */
  readonly redisUrl: string | undefined;
  readonly origins: readonly string[];
  readonly trustedProxies: readonly string[];
  /** The web origin of the product, if it is behind a proxy. */
  readonly publicOrigin: string | undefined;
  readonly registration: 'open' | 'closed';
  /** Usernames or ids of the administrators. */
  readonly admins: readonly string[];
  /** What the web app needs to receive pushes; absent: it receives none. */
  readonly webPush: WebPush | undefined;
  /** Whether limits against load apply; limits against guessing always do. */
  readonly rateLimits: boolean;
  readonly logLevel: string;
  readonly logDirectory: string | undefined;
  /** Names this process in its log. */
  readonly serverId: string | undefined;
  /** Password hashes computed at once: a core is left for everything else. */
  readonly hashConcurrency: number;
  readonly secrets: Secrets;
}

/** Reads the configuration of the auth service. @throws ConfigError that names every fault */
export function readConfig(env: Environment): Config {
  const given = readEnvironment(authEnvironment, env);
  refuseUnlimitedProduction(given);
  return {
    host: given.HOST,
    port: given.PORT,
    metricsPort: given.METRICS_PORT,
    mongoUri: given.MONGODB_URI,
    redisUrl: given.REDIS_URL,
    origins: given.PARLEY_ORIGINS,
    trustedProxies: given.PARLEY_TRUSTED_PROXIES,
    publicOrigin: given.PARLEY_PUBLIC_ORIGIN,
    registration: given.PARLEY_REGISTRATION,
    admins: given.PARLEY_ADMINS,
    webPush: given.PARLEY_FIREBASE_WEB_CONFIG,
    rateLimits: given.PARLEY_RATE_LIMITS,
    logLevel: given.PARLEY_LOG_LEVEL,
    logDirectory: given.PARLEY_LOG_DIR,
    serverId: given.PARLEY_SERVER_ID,
    hashConcurrency: Math.max(1, availableParallelism() - 1),
    secrets: secretsOf(given),
  };
}

/** Without the slash that may stand at the end. */
const serviceUrl = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/$/, ''));

const commandSchema = z.object({
  PARLEY_AUTH_URL: serviceUrl.optional(),
  PARLEY_MESSAGING_URL: z
    .string()
    .transform((list) => list.split(',')[0]?.trim())
    .pipe(serviceUrl)
    .optional(),
  PARLEY_SECRET: serviceEnvironment.PARLEY_SECRET.optional(),
  PARLEY_PUBLIC_ORIGIN: origin.optional(),
  PARLEY_DATA_DIR: z.string().default('.parley'),
});

/** Configuration of `npm run admin`; what is absent is read from the data folder of `npm start`. */
export interface CommandConfig {
  /** Where each service is; of messaging, the first node that is listed. */
  readonly urls: Readonly<Record<Audience, string | undefined>>;
  readonly secrets: Secrets | undefined;
  readonly publicOrigin: string | undefined;
  readonly dataDir: string;
}

/** Reads the configuration of `npm run admin`. @throws ConfigError that names every fault */
export function readCommandConfig(env: Environment): CommandConfig {
  const given = readEnvironment(commandSchema, env);
  const { PARLEY_SECRET: secret } = given;
  return {
    urls: { auth: given.PARLEY_AUTH_URL, messaging: given.PARLEY_MESSAGING_URL },
    secrets: secret === undefined ? undefined : { secret },
    publicOrigin: given.PARLEY_PUBLIC_ORIGIN,
    dataDir: given.PARLEY_DATA_DIR,
  };
}

export type { Environment } from '@parley/backend-common';

/** The environment of this process. */
export function processEnvironment(): Environment {
  return process.env;
}
