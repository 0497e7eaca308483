import { type Environment, type LaunchConfig } from './config.ts';
import { serviceBase } from './processes/child-environment.ts';

/** What the launcher has found or made for the services. */
export interface Provisions {
  readonly mongodbUri: string;
  readonly redisUrl: string | undefined;
  readonly secret: string;
  /** The variables that name an embedded object store; empty where the person's own name one. */
  readonly objectStore: Environment;
  readonly logs: string;
}

/** The environment of a service behind `web`: it listens on this machine alone, on any free port. */
export function innerEnvironment(config: LaunchConfig, provisions: Provisions): Environment {
  return {
    PARLEY_LOG_DIR: provisions.logs,
    ...serviceBase(config.env),
    HOST: '127.0.0.1',
    PORT: '0',
    METRICS_PORT: '0',
    MONGODB_URI: provisions.mongodbUri,
    REDIS_URL: provisions.redisUrl,
    PARLEY_SECRET: provisions.secret,
    ...provisions.objectStore,
    // The web service is a proxy in front of the others.
    PARLEY_TRUSTED_PROXIES: '127.0.0.1',
  };
}

/** Where `web` finds the others, and what it serves. */
export interface WebSurroundings {
  readonly authUrl: string;
  readonly messagingUrls: readonly string[];
  readonly webRoot: string;
  readonly docsRoot: string;
}

/** The environment of `web`, which listens where the person wants it. */
export function webEnvironment(
  config: LaunchConfig,
  provisions: Provisions,
  { authUrl, docsRoot, messagingUrls, webRoot }: WebSurroundings,
): Environment {
  return {
    ...innerEnvironment(config, provisions),
    HOST: config.host,
    PORT: String(config.port),
    PARLEY_TRUSTED_PROXIES: config.env['PARLEY_TRUSTED_PROXIES'],
    PARLEY_AUTH_URL: authUrl,
    PARLEY_MESSAGING_URL: messagingUrls.join(','),
    PARLEY_WEB_ROOT: webRoot,
    PARLEY_DOCS_ROOT: docsRoot,
  };
}
