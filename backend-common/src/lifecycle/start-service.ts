import type { Server } from 'node:http';

import type { Limited } from '../http/connection-limits.ts';
import { closeServer, listen } from '../http/listen.ts';
import { closeLogger, createLogger, isLogFileWritable, type Logger } from '../logging/logger.ts';
import { serveMetrics, type Metrics } from '../metrics/metrics.ts';
import { Resources } from './resources.ts';
import type { RunningService } from './run-service.ts';
import { VERSION } from './version.ts';

/** The part of a service's configuration that says where it listens and how it logs. */
export interface ServiceConfig {
  readonly host: string;
  /** 0 asks for any free port. */
  readonly port: number;
  readonly metricsPort: number;
  readonly rateLimits: boolean;
  /** Addresses or ranges of proxies, from which connections are not limited. */
  readonly trustedProxies: readonly string[];
  /** Names this process in its log; absent: its host and port do. */
  readonly serverId?: string | undefined;
  readonly logLevel: string;
  readonly logDirectory: string | undefined;
}

type OnLimited = (outcome: Limited) => void;

/** What a service is built with. Everything that it opens is closed through `resources`. */
export interface ServiceInfrastructure {
  readonly logger: Logger;
  readonly resources: Resources;
}

/** A service that was built and does not listen yet. */
export interface BuiltService {
  readonly server: Server;
  readonly metrics: Metrics;
  /** Ends connections that do not end by themselves, such as WebSockets, before the server closes. */
  drain?(): Promise<void> | void;
}

/** A service and how it is built. */
export interface StartOptions {
  /** Name of the service: part of each log line and of the log file's name. */
  readonly name: string;
  readonly config: ServiceConfig;
  /** Used instead of a logger of the service's own, and not closed with it. */
  readonly logger?: Logger | undefined;
  readonly build: (infrastructure: ServiceInfrastructure) => Promise<BuiltService>;
}

/**
 * Builds a service, lets it listen, and resolves when it answers. `close()` stops in the reverse order: it drains,
 * closes the server when the requests in progress are answered, then what the service opened, then its log file.
 * What was opened is closed again when the start fails.
 */
export async function startService(options: StartOptions): Promise<RunningService> {
  const { config, name } = options;
  const logger = options.logger ?? openLog(name, config);
  const resources = new Resources(logger);
  if (options.logger === undefined) resources.defer('log', () => closeLogger(logger));
  try {
    const service = await options.build({ logger, resources });
    service.metrics.describeBuild(VERSION);
    if (isLogFileWritable(logger) !== undefined) {
      service.metrics.observed('parley_log_file_writable', '1 while the log file is written', () =>
        Number(isLogFileWritable(logger)),
      );
    }
    const metrics = await serveMetrics(service.metrics, {
      host: config.host,
      port: config.metricsPort,
    });
    resources.defer('metrics', () => metrics.close());
    const { host, port, rateLimits, trustedProxies } = config;
    const { connections, requests } = countLimited(service.metrics);
    const limits = { trustedProxies, onLimited: connections, requests: { onLimited: requests } };
    const perAddress = rateLimits ? { perAddress: limits } : {};
    const url = await listen(service.server, { host, port, ...perAddress });
    resources.defer('http', () => closeServer(service.server));
    resources.defer('connections', () => service.drain?.());
    if (!config.rateLimits) {
      logger.warn('PARLEY_RATE_LIMITS is off: requests and connections are not limited');
    }
    logger.info({ url, metricsUrl: metrics.url }, 'The service is ready');
    return { url, metricsUrl: metrics.url, close: () => resources.close() };
  } catch (error) {
    await resources.close();
    throw error;
  }
}

/** Counts what the limits of addresses do. */
function countLimited(metrics: Metrics): Record<'connections' | 'requests', OnLimited> {
  const connections = metrics.counter(
    'parley_limited_connections_total',
    'Connections that had to wait or were cut, because their address opens too many',
    { outcome: ['delayed', 'cut'] },
  );
  const requests = metrics.counter(
    'parley_limited_requests_total',
    'HTTP requests that had to wait, or whose connection was cut, because their address sends too many',
    { outcome: ['delayed', 'cut'] },
  );
  return {
    connections: (outcome) => connections.inc({ outcome }),
    requests: (outcome) => requests.inc({ outcome }),
  };
}

function openLog(service: string, config: ServiceConfig): Logger {
  const { logDirectory, logLevel, port, serverId } = config;
  return createLogger({
    ...{ service, level: logLevel, directory: logDirectory, serverId },
    ...(port === 0 ? {} : { port }),
  });
}
