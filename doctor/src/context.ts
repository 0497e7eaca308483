import { connectMongo, createLogger, type Logger, type Mongo } from '@parley/backend-common';
import { exchangeCredentials } from '@parley/messaging';

import type { Deployment } from './config.ts';

/** What checks use of this machine and of Firebase. Tests replace it. */
export interface System {
  /** Version of Node, without a `v`. */
  readonly nodeVersion: string;
  /** The clock of this machine: milliseconds since the epoch. */
  readonly now: () => number;
  /** Exchanges the service account in a file for an access token. Rejects if Firebase refuses or cannot be reached. */
  readonly exchange: (path: string) => Promise<void>;
}

/** What a check looks at. */
export interface Context extends System {
  readonly deployment: Deployment;
  readonly logger: Logger;
  /** One connection for all checks. Rejects if MongoDB cannot be used, and also if `MONGODB_URI` is not. */
  readonly mongo: () => Promise<Mongo>;
}

/** The system that this process runs on. */
export const SYSTEM: System = {
  nodeVersion: process.versions.node,
  now: Date.now,
  exchange: exchangeCredentials,
};

/** Creates a context, and a function that closes what its checks have opened. */
export function createContext(
  deployment: Deployment,
  system: System,
): { readonly context: Context; readonly close: () => Promise<void> } {
  const logger = createLogger({ service: 'doctor', level: 'silent' });
  let connecting: Promise<Mongo> | undefined;
  const connect = () => {
    const uri = deployment.settings.MONGODB_URI;
    if (uri === undefined) return Promise.reject(new Error('MONGODB_URI is not usable'));
    return connectMongo({ uri, appName: 'parley-doctor', logger, maxPoolSize: 5, patience: 0 });
  };
  return {
    context: { ...system, deployment, logger, mongo: () => (connecting ??= connect()) },
    async close() {
      const mongo = await connecting?.catch(() => undefined);
      await mongo?.close();
    },
  };
}
