import { createServer } from 'node:http';
import { startService, type Environment, type RunningService } from '@parley/backend-common';

import { createApp, type Overrides } from './app.ts';
import { readConfig } from './config.ts';

/**
 * Starts the auth service and resolves when it answers.
 * @throws ConfigError when the environment is not usable
 */
export async function startAuth(
  env: Environment,
  overrides: Overrides = {},
): Promise<RunningService> {
  const config = readConfig(env);
  return startService({
    name: 'auth',
    config,
    logger: overrides.logger,
    async build(infrastructure) {
      const { http, metrics } = await createApp({ config, overrides, ...infrastructure });
      const handle = http.callback();
      const server = createServer((request, response) => void handle(request, response));
      return { server, metrics };
    },
  });
}
