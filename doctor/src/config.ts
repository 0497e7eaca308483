import { authEnvironment, readConfig as readAuthConfig } from '@parley/auth';
import {
  ConfigError,
  readObjectStoreSettings,
  readUsable,
  type Environment,
  type ObjectStoreSettings,
} from '@parley/backend-common';
import { messagingEnvironment, readConfig as readMessagingConfig } from '@parley/messaging';
import { readConfig as readWebConfig, webEnvironment } from '@parley/web';
import { z } from 'zod';

const READERS = { auth: readAuthConfig, messaging: readMessagingConfig, web: readWebConfig };

/** A service whose configuration is checked. */
export type ServiceName = keyof typeof READERS;

const everything = z.object({
  ...authEnvironment.shape,
  ...messagingEnvironment.shape,
  // Auth has stricter schemas for these two.
  ...webEnvironment.omit({ PARLEY_FIREBASE_WEB_CONFIG: true, PARLEY_AUTH_URL: true }).shape,
});

/** The variables of all services; one that is absent or not usable is undefined. */
export type Settings = Partial<z.output<typeof everything>>;

/** The deployment that the environment variables describe. */
export interface Deployment {
  readonly settings: Settings;
  /** The services that these variables are for. */
  readonly services: readonly ServiceName[];
  /** The object store; absent: there is none, or its variables are not usable. */
  readonly objectStore: ObjectStoreSettings | undefined;
  /** What the services would say when they start with these variables, by service. */
  readonly faults: ReadonlyMap<ServiceName, string>;
}

/**
 * Reads the variables that are usable.
 * @param names - the services to check; if empty, those that the variables are for
 */
export function readDeployment(env: Environment, names: readonly ServiceName[]): Deployment {
  const settings = readUsable(everything, env);
  const services = names.length > 0 ? names : servicesFor(settings);
  const faults = services.flatMap((name) => {
    const fault = faultOf(() => READERS[name](env));
    return fault === undefined ? [] : [[name, fault] as const];
  });
  return { settings, services, objectStore: storeOf(settings), faults: new Map(faults) };
}

/** Messaging needs all variables of auth, so both are always checked. Web needs further ones. */
function servicesFor({ PARLEY_MESSAGING_URL, PARLEY_WEB_ROOT }: Settings): ServiceName[] {
  const hasWeb = PARLEY_MESSAGING_URL !== undefined || PARLEY_WEB_ROOT !== undefined;
  return ['auth', 'messaging', ...(hasWeb ? (['web'] as const) : [])];
}

function faultOf(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

function storeOf(settings: Settings): ObjectStoreSettings | undefined {
  try {
    return readObjectStoreSettings(settings);
  } catch {
    // The check `configuration` reports what is missing.
    return undefined;
  }
}

/** Whether a name is that of a service. */
export function isServiceName(name: string): name is ServiceName {
  return Object.hasOwn(READERS, name);
}

/** The environment of this process. */
export function processEnvironment(): Environment {
  return process.env;
}
