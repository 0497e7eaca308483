import { createServer } from 'node:http';
import {
  listenForWebSockets,
  startService,
  type Environment,
  type RunningService,
} from '@parley/backend-common';
import { SECOND } from '@parley/common';

import { createApp, type Overrides } from './app.ts';
import { readConfig } from './config.ts';

/**
 * Starts the web service and resolves when it answers.
 * @throws ConfigError when the environment is not usable
 */
export async function startWeb(
  env: Environment,
  overrides: Overrides = {},
): Promise<RunningService> {
  const config = readConfig(env);
  return startService({
    name: 'web',
    config,
    logger: overrides.logger,
    async build(infrastructure) {
      const { http, metrics, proxy } = await createApp({ config, overrides, ...infrastructure });
      const handle = http.callback();
      const server = createServer(
        timeouts(overrides),
        (request, response) => void handle(request, response),
      );
      listenForWebSockets(server, (event) => void proxy.openWebSocket(event));
      return { server, metrics, drain: () => proxy.drain() };
    },
  });
}

/** How long a client that sends slowly may hold a connection. */
function timeouts({ headPatience = 10 * SECOND }: Overrides) {
  return {
    headersTimeout: headPatience,
    requestTimeout: 3 * headPatience,
    connectionsCheckingInterval: headPatience / 5,
  };
}
