import { availableParallelism } from 'node:os';
import {
  readEnvironment,
  refuseUnlimitedProduction,
  serviceEnvironment,
  type Environment,
} from '@parley/backend-common';
import { z } from 'zod';

const schema = z.object({
  ...serviceEnvironment,
  PARLEY_REGISTRATION: z.enum(['open', 'closed']).default('open'),
});

/** What the auth service is told from outside. */
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
  readonly registration: 'open' | 'closed';
  /** Whether the limits hold that keep load away; those that stop guessing always do. */
  readonly rateLimits: boolean;
  readonly logLevel: string;
  readonly logDirectory: string | undefined;
  /** Password hashes computed at once: a core is left for everything else. */
  readonly hashConcurrency: number;
  readonly secrets: { readonly secret: string };
}

/** Reads the configuration of the auth service. @throws ConfigError that names every fault */
export function readConfig(env: Environment): Config {
  const given = readEnvironment(schema, env);
  refuseUnlimitedProduction(given);
  return {
    host: given.HOST,
    port: given.PORT,
    metricsPort: given.METRICS_PORT,
    mongoUri: given.MONGODB_URI,
    redisUrl: given.REDIS_URL,
    origins: given.PARLEY_ORIGINS,
    trustedProxies: given.PARLEY_TRUSTED_PROXIES,
    registration: given.PARLEY_REGISTRATION,
    rateLimits: given.PARLEY_RATE_LIMITS,
    logLevel: given.PARLEY_LOG_LEVEL,
    logDirectory: given.PARLEY_LOG_DIR,
    hashConcurrency: Math.max(1, availableParallelism() - 1),
    secrets: { secret: given.PARLEY_SECRET },
  };
}

/** The environment of this process. */
export function processEnvironment(): Environment {
  return process.env;
}
