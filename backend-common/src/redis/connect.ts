import { SECOND } from '@parley/common';
import { Redis } from 'ioredis';

import type { Logger } from '../logging/logger.ts';

export type { Redis } from 'ioredis';

/** How a service reaches Redis. */
export interface RedisOptions {
  readonly url: string;
  readonly name: string;
  /** Gets one line when the connection is lost and one when it is back; absent: the caller listens to `error`. */
  readonly logger?: Logger;
}

/**
 * Opens a connection that reconnects by itself and never queues commands: while Redis is down they fail at once,
 * because what Redis carries is worth nothing when it is late. Subscriptions are not made again.
 */
export function connectRedis(options: RedisOptions): Redis {
  const redis = new Redis(options.url, {
    connectionName: options.name,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 5 * SECOND,
    commandTimeout: 5 * SECOND,
    socketTimeout: 30 * SECOND,
    // A server that does not answer cannot confirm the end of a connection either.
    disconnectTimeout: SECOND / 2,
    keepAlive: 10 * SECOND,
    retryStrategy: (attempt) => Math.min(100 * 2 ** Math.min(attempt, 5), SECOND / 2),
    // The library would not handle a subscription that fails.
    autoResubscribe: false,
    lazyConnect: true,
  });
  if (options.logger !== undefined) logOutages(redis, options.logger);
  return redis;
}

function logOutages(redis: Redis, logger: Logger): void {
  let isDown = false;
  redis.on('error', (error: unknown) => {
    if (!isDown) logger.warn({ err: error }, 'Redis is not available');
    isDown = true;
  });
  redis.on('ready', () => {
    if (isDown) logger.info('Redis is available again');
    isDown = false;
  });
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
