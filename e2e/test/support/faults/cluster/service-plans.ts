import { fileURLToPath, pathToFileURL } from 'node:url';
import { ownProcessPlan, serviceBase, type PartPlan, type Watchdog } from '@parley/dev';

const PRELOAD = pathToFileURL(fileURLToPath(new URL('./node-preload.js', import.meta.url))).href;

/** Settings that all services of a cluster share. */
export interface SharedSettings {
  readonly logs: string;
  readonly watchdog: Watchdog;
  readonly secret: string;
}

/** Settings of one service. */
export interface ServiceOptions {
  readonly name: string;
  readonly kind: 'auth' | 'messaging' | 'web';
  readonly mongoUri: string;
  readonly redisUrl?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Redirected ports of 127.0.0.1: the port that the service asks for, and the one that it connects to. */
  readonly ports?: ReadonlyMap<number, number>;
  /** Milliseconds by which its clock is wrong. */
  readonly clockMs?: number;
}

/** How to start a service as a process. */
export function servicePlan(shared: SharedSettings, options: ServiceOptions): PartPlan {
  const { clockMs = 0, env, kind, mongoUri, name, ports = new Map(), redisUrl } = options;
  return ownProcessPlan(
    {
      name,
      kind,
      env: {
        ...serviceBase(process.env),
        NODE_ENV: undefined,
        NODE_OPTIONS: `--import=${PRELOAD}`,
        PARLEY_LOG_DIR: shared.logs,
        PARLEY_LOG_LEVEL: 'warn',
        PARLEY_RATE_LIMITS: 'off',
        PARLEY_SECRET: shared.secret,
        PARLEY_TRUSTED_PROXIES: '127.0.0.1',
        HOST: '127.0.0.1',
        PORT: '0',
        METRICS_PORT: '0',
        MONGODB_URI: mongoUri,
        REDIS_URL: redisUrl,
        FAULTS_PORTS: JSON.stringify(Object.fromEntries(ports)),
        FAULTS_CLOCK_MS: String(clockMs),
        ...env,
      },
    },
    shared,
  );
}
