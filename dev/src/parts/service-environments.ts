import { type Environment, type LaunchConfig } from '../config.ts';
import { serviceBase } from '../processes/child-environment.ts';

/** What the launcher has started, found or created for the services. */
export interface ServiceSettings {
  readonly mongodbUri: string;
  readonly redisUrl: string | undefined;
  readonly secret: string;
  /** The variables of an embedded object store; empty if the user's own variables name a store. */
  readonly objectStore: Environment;
  readonly logs: string;
}

/** The environment of a service behind `web`: it listens on a free port of 127.0.0.1. */
export function innerEnvironment(config: LaunchConfig, settings: ServiceSettings): Environment {
  return {
    PARLEY_LOG_DIR: settings.logs,
    ...serviceBase(config.env),
    HOST: '127.0.0.1',
    PORT: '0',
    METRICS_PORT: '0',
    MONGODB_URI: settings.mongodbUri,
    REDIS_URL: settings.redisUrl,
    PARLEY_SECRET: settings.secret,
    ...settings.objectStore,
    // The web service is a proxy in front of the others.
    PARLEY_TRUSTED_PROXIES: '127.0.0.1',
  };
}

/** The folders that `web` serves files from. */
export interface WebFolders {
  readonly webRoot: string;
  readonly docsRoot: string;
}

/** Where `web` finds the other services, and what it serves. */
export interface WebTargets extends WebFolders {
  readonly authUrl: string;
  readonly messagingUrls: readonly string[];
}

/** The environment of `web`, which listens on the address that the user has chosen. */
export function webEnvironment(
  config: LaunchConfig,
  settings: ServiceSettings,
  { authUrl, docsRoot, messagingUrls, webRoot }: WebTargets,
): Environment {
  return {
    ...innerEnvironment(config, settings),
    HOST: config.host,
    PORT: String(config.port),
    PARLEY_TRUSTED_PROXIES: config.env['PARLEY_TRUSTED_PROXIES'],
    PARLEY_AUTH_URL: authUrl,
    PARLEY_MESSAGING_URL: messagingUrls.join(','),
    PARLEY_WEB_ROOT: webRoot,
    PARLEY_DOCS_ROOT: docsRoot,
  };
}
