import { fileURLToPath, pathToFileURL } from 'node:url';
import { ownProcessPlan, serviceBase, type PartPlan, type Watchdog } from '@parley/dev';

const PRELOAD = pathToFileURL(fileURLToPath(new URL('./node-preload.js', import.meta.url))).href;

/** What the services of one cluster share. */
export interface ServiceSite {
  readonly logs: string;
  readonly watchdog: Watchdog;
  readonly secret: string;
}

/** What is particular to one service. */
export interface ServiceOptions {
  readonly name: string;
  readonly kind: 'auth' | 'messaging' | 'web';
  readonly mongoUri: string;
  readonly redisUrl?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** By port of 127.0.0.1, the port that it connects to in its place. */
  readonly ports?: ReadonlyMap<number, number>;
  /** Milliseconds by which its clock is wrong. */
  readonly clockMs?: number;
}

/** A service as a process of its own. */
export function servicePlan(site: ServiceSite, options: ServiceOptions): PartPlan {
  const { clockMs = 0, env, kind, mongoUri, name, ports = new Map(), redisUrl } = options;
  return ownProcessPlan(
    {
      name,
      kind,
      env: {
        ...serviceBase(process.env),
        NODE_ENV: undefined,
        NODE_OPTIONS: `--import=${PRELOAD}`,
        PARLEY_LOG_DIR: site.logs,
        PARLEY_LOG_LEVEL: 'warn',
        PARLEY_RATE_LIMITS: 'off',
        PARLEY_SECRET: site.secret,
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
    site,
  );
}
