import { SECOND } from '@parley/common';
import { Redis } from 'ioredis';

import type { Logger } from '../logging/logger.ts';

export type { Redis } from 'ioredis';

/** How a service reaches Redis. */
export interface RedisOptions {
  readonly url: string;
  readonly name: string;
  readonly logger: Logger;
}

/**
 * Opens a connection that reconnects by itself and never queues commands: while Redis is down they fail at once,
 * because what Redis carries is worth nothing when it is late.
 */
export function connectRedis(options: RedisOptions): Redis {
  const redis = new Redis(options.url, {
    connectionName: options.name,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 5 * SECOND,
    commandTimeout: 5 * SECOND,
    socketTimeout: 30 * SECOND,
    keepAlive: 10 * SECOND,
    retryStrategy: (attempt) => Math.min(100 * 2 ** Math.min(attempt, 5), 2 * SECOND),
    lazyConnect: true,
  });
  let isDown = false;
  redis.on('error', (error: unknown) => {
    if (!isDown) options.logger.warn({ err: error }, 'Redis is not available');
    isDown = true;
  });
  redis.on('ready', () => {
    if (isDown) options.logger.info('Redis is available again');
    isDown = false;
  });
  return redis;
}

/** Waits until Redis answers; gives up after `patience` milliseconds. */
export async function waitForRedis(redis: Redis, patience = 60 * SECOND): Promise<void> {
  const deadline = performance.now() + patience;
  for (;;) {
    try {
      if (redis.status === 'wait' || redis.status === 'end') await redis.connect();
      await redis.ping();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, SECOND / 4));
    }
  }
}
