import {
  Resources,
  closeServer,
  createLogger,
  listen,
  serveMetrics,
  type Environment,
  type Logger,
  type RunningService,
} from '@parley/backend-common';

import { createApp, type Overrides } from './app.ts';
import { readConfig, type Config } from './config.ts';

/**
 * Starts a node of the messaging service and resolves when it answers.
 * @throws ConfigError when the environment is not usable; what was opened is closed again when anything else fails
 */
export async function startMessaging(
  env: Environment,
  overrides: Overrides = {},
): Promise<RunningService> {
  const config = readConfig(env);
  const logger = overrides.logger ?? loggerOf(config);
  const resources = new Resources(logger);
  try {
    const app = await createApp({ config, logger, resources, overrides });
    const metrics = await serveMetrics(app.metrics, {
      host: config.host,
      port: config.metricsPort,
    });
    resources.defer('metrics', () => metrics.close());
    const url = await listen(app.server, config);
    resources.defer('http', () => closeServer(app.server));
    resources.defer('clients', () => app.drain());
    if (!config.rateLimits) {
      logger.warn('PARLEY_RATE_LIMITS is off: callers and connections are not limited');
    }
    logger.info({ url, metricsUrl: metrics.url }, 'The messaging service answers');
    return { url, metricsUrl: metrics.url, close: () => resources.close() };
  } catch (error) {
    await resources.close();
    throw error;
  }
}

function loggerOf({ logDirectory: directory, logLevel: level, port }: Config): Logger {
  return createLogger({ service: 'messaging', level, directory, ...(port === 0 ? {} : { port }) });
}
