import { connectRedis, type Redis } from '@parley/backend-common';

import type { Context } from '../context.ts';
import { skipped, type Finding } from '../finding.ts';

/** Looks at Redis over a connection of its own, unless there is none. @throws if it cannot be reached */
export async function withRedis(
  { deployment }: Context,
  look: (redis: Redis) => Promise<Finding>,
): Promise<Finding> {
  const { REDIS_URL: url } = deployment.settings;
  if (url === undefined) return skipped('REDIS_URL is not set: one messaging node needs no Redis.');
  const redis = connectRedis({ url, name: 'parley-doctor' });
  const failed = new Promise<never>((_, reject) => redis.once('error', reject));
  try {
    await Promise.race([redis.connect(), failed]);
    return await look(redis);
  } finally {
    // Later errors are of no interest.
    redis.on('error', () => undefined);
    redis.disconnect();
  }
}

/** The fields of the answer to `INFO`. */
export async function readInfo(redis: Redis): Promise<ReadonlyMap<string, string>> {
  const lines = (await redis.info()).split('\r\n').filter((line) => line.includes(':'));
  return new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  );
}

/** As {@link withRedis}; where Redis cannot be used, the check `redis` says why. */
export async function withWorkingRedis(
  context: Context,
  look: (redis: Redis) => Promise<Finding>,
): Promise<Finding> {
  let hasConnected = false;
  try {
    return await withRedis(context, (redis) => {
      hasConnected = true;
      return look(redis);
    });
  } catch (error) {
    if (hasConnected) throw error;
    return skipped('Redis cannot be used; see the check redis.');
  }
}
