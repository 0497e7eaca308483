import { createServer } from 'node:http';
import {
  Resources,
  closeLogger,
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
 * Starts the auth service and resolves when it answers.
 * @throws ConfigError when the environment is not usable; what was opened is closed again when anything else fails
 */
export async function startAuth(
  env: Environment,
  overrides: Overrides = {},
): Promise<RunningService> {
  const config = readConfig(env);
  const logger = overrides.logger ?? loggerOf(config);
  const resources = new Resources(logger);
  resources.defer('log', () => closeLogger(logger));
  try {
    const { http, metrics } = await createApp({ config, logger, resources, overrides });
    const at = await serveMetrics(metrics, { host: config.host, port: config.metricsPort });
    resources.defer('metrics', () => at.close());
    const handle = http.callback();
    const server = createServer((request, response) => void handle(request, response));
    const url = await listen(server, config);
    resources.defer('http', () => closeServer(server));
    if (!config.rateLimits) {
      logger.warn('PARLEY_RATE_LIMITS is off: only the limits that stop guessing hold');
    }
    logger.info({ url, metricsUrl: at.url }, 'The auth service answers');
    return { url, metricsUrl: at.url, close: () => resources.close() };
  } catch (error) {
    await resources.close();
    throw error;
  }
}

function loggerOf({ logDirectory: directory, logLevel: level, port }: Config): Logger {
  return createLogger({ service: 'auth', level, directory, ...(port === 0 ? {} : { port }) });
}
