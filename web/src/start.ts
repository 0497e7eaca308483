import { createServer } from 'node:http';
import {
  Resources,
  closeLogger,
  closeServer,
  createLogger,
  listen,
  listenForWebSockets,
  serveMetrics,
  type Environment,
  type Logger,
  type RunningService,
} from '@parley/backend-common';
import { SECOND } from '@parley/common';

import { createApp, type Overrides } from './app.ts';
import { readConfig, type Config } from './config.ts';

/**
 * Starts the web service and resolves when it answers.
 * @throws ConfigError when the environment is not usable; what was opened is closed again when anything else fails
 */
export async function startWeb(
  env: Environment,
  overrides: Overrides = {},
): Promise<RunningService> {
  const config = readConfig(env);
  const logger = overrides.logger ?? loggerOf(config);
  const resources = new Resources(logger);
  resources.defer('logger', () => closeLogger(logger));
  try {
    const { http, metrics, tunnels } = await createApp({ config, logger, resources, overrides });
    const at = await serveMetrics(metrics, { host: config.host, port: config.metricsPort });
    resources.defer('metrics', () => at.close());
    const handle = http.callback();
    const server = createServer(
      timeouts(overrides),
      (request, response) => void handle(request, response),
    );
    listenForWebSockets(server, (event) => void tunnels.handle(event));
    const url = await listen(server, config);
    resources.defer('http', () => closeServer(server));
    // WebSockets do not end by themselves, so they go before the server waits for what is under way.
    resources.defer('tunnels', () => tunnels.close());
    if (!config.rateLimits) logger.warn('PARLEY_RATE_LIMITS is off');
    logger.info({ url, metricsUrl: at.url }, 'The web service answers');
    return { url, metricsUrl: at.url, close: () => resources.close() };
  } catch (error) {
    await resources.close();
    throw error;
  }
}

function loggerOf({ logDirectory: directory, logLevel: level, port }: Config): Logger {
  return createLogger({ service: 'web', level, directory, ...(port === 0 ? {} : { port }) });
}

/** A client that sends slowly holds a connection no longer than this. */
function timeouts({ headPatience = 10 * SECOND }: Overrides) {
  return {
    headersTimeout: headPatience,
    requestTimeout: 3 * headPatience,
    connectionsCheckingInterval: headPatience / 5,
  };
}
