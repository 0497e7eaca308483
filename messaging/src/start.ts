import { startService, type Environment, type RunningService } from '@parley/backend-common';

import { createApp, type Overrides } from './app.ts';
import { readConfig } from './config.ts';

/**
 * Starts a node of the messaging service and resolves when it answers.
 * @throws ConfigError when the environment is not usable
 */
export async function startMessaging(
  env: Environment,
  overrides: Overrides = {},
): Promise<RunningService> {
  const config = readConfig(env);
  return startService({
    name: 'messaging',
    config,
    logger: overrides.logger,
    build: (infrastructure) => createApp({ config, overrides, ...infrastructure }),
  });
}
