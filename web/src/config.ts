import {
  ConfigError,
  list,
  objectStoreAddress,
  origin,
  readEnvironment,
  refuseUnlimitedProduction,
  secretsOf,
  serviceEnvironment,
  type Environment,
  type Secrets,
} from '@parley/backend-common';
import { z } from 'zod';

const serviceUrl = z
  .string()
  .refine((value) => /^https?:\/\/[^/?#@]+\/?$/.test(value) && URL.canParse(value), {
    message: 'Must be a URL such as http://127.0.0.1:3001, without a path',
  })
  .transform((value) => new URL(value).origin);

/** The variables that the web service reads. */
export const webEnvironment = z.object({
  ...serviceEnvironment,
  ...objectStoreAddress,
  PARLEY_AUTH_URL: serviceUrl,
  PARLEY_MESSAGING_URL: list.pipe(z.array(serviceUrl).min(1)),
  PARLEY_WEB_ROOT: z.string().optional(),
  PARLEY_DOCS_ROOT: z.string().optional(),
  PARLEY_PUBLIC_ORIGIN: origin.optional(),
  PARLEY_FIREBASE_WEB_CONFIG: z.string().optional(),
});

/** The configuration of the web service. */
export interface Config {
  readonly host: string;
  /** 0 asks for any free port. */
  readonly port: number;
  readonly metricsPort: number;
  readonly mongoUri: string;
  readonly authUrl: string;
  /** The messaging nodes, at least one. */
  readonly messagingUrls: readonly string[];
  /** Folder of the built web app; absent: a page says that there is none. */
  readonly webRoot: string | undefined;
  /** Folder of the built API reference; absent: `/docs` is answered with `not_found`. */
  readonly docsRoot: string | undefined;
  /** Other web origins that may use the public API. */
  readonly origins: readonly string[];
  /** The origin in the browser's address bar, if a proxy is in front of this service. */
  readonly publicOrigin: string | undefined;
  /** Origin of the object store; absent: files cannot be sent. */
  readonly storeOrigin: string | undefined;
  /** Whether pages register with Firebase for pushes; `auth` returns the configuration for it. */
  readonly webPush: boolean;
  readonly trustedProxies: readonly string[];
  readonly rateLimits: boolean;
  readonly logLevel: string;
  readonly logDirectory: string | undefined;
  /** Names this process in its log. */
  readonly serverId: string | undefined;
  readonly secrets: Secrets;
}

/** Reads the configuration of the web service. @throws ConfigError that names every fault */
export function readConfig(env: Environment): Config {
  const given = readEnvironment(webEnvironment, env);
  refuseUnlimitedProduction(given);
  return {
    host: given.HOST,
    port: given.PORT,
    metricsPort: given.METRICS_PORT,
    mongoUri: given.MONGODB_URI,
    authUrl: given.PARLEY_AUTH_URL,
    messagingUrls: given.PARLEY_MESSAGING_URL,
    webRoot: given.PARLEY_WEB_ROOT,
    docsRoot: given.PARLEY_DOCS_ROOT,
    origins: given.PARLEY_ORIGINS,
    publicOrigin: given.PARLEY_PUBLIC_ORIGIN,
    storeOrigin: storeOriginOf(given),
    webPush: given.PARLEY_FIREBASE_WEB_CONFIG !== undefined,
    trustedProxies: given.PARLEY_TRUSTED_PROXIES,
    rateLimits: given.PARLEY_RATE_LIMITS,
    logLevel: given.PARLEY_LOG_LEVEL,
    logDirectory: given.PARLEY_LOG_DIR,
    serverId: given.PARLEY_SERVER_ID,
    secrets: secretsOf(given),
  };
}

/**
 * Where browsers reach the object store. A content security policy has no form for an IPv6 address, so its sources name
 * any host on the port of the store; on the port of a scheme that would be nearly every host there is.
 */
function storeOriginOf(given: {
  S3_ENDPOINT?: string | undefined;
  S3_PUBLIC_ENDPOINT?: string | undefined;
}): string | undefined {
  const variable = given.S3_PUBLIC_ENDPOINT === undefined ? 'S3_ENDPOINT' : 'S3_PUBLIC_ENDPOINT';
  const store = given[variable];
  if (store === undefined) return undefined;
  const { hostname, port } = new URL(store);
  if (hostname.startsWith('[') && port === '') {
    throw new ConfigError(
      `${variable}: An object store at an IPv6 address needs a host name, or a port other than 80 and 443, ` +
        'because the content security policy of the web app cannot name the address and would allow every host.',
    );
  }
  return store;
}

/** The environment of this process. */
export function processEnvironment(): Environment {
  return process.env;
}
