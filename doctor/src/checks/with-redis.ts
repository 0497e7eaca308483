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
  return lookAndClose(await open(url), look);
}

/** As {@link withRedis}; where Redis cannot be reached, the check `redis` says why. */
export async function withWorkingRedis(
  context: Context,
  look: (redis: Redis) => Promise<Finding>,
): Promise<Finding> {
  const { REDIS_URL: url } = context.deployment.settings;
  if (url === undefined) return withRedis(context, look);
  let redis: Redis;
  try {
    redis = await open(url);
  } catch {
    return skipped('Redis cannot be used; see the check redis.');
  }
  return lookAndClose(redis, look);
}

async function open(url: string): Promise<Redis> {
  const redis = connectRedis({ url, name: 'parley-doctor' });
  // It says more than the error of `connect`.
  const failed = new Promise<never>((_, reject) => redis.on('error', reject));
  try {
    await Promise.race([redis.connect(), failed]);
    return redis;
  } catch (error) {
    redis.disconnect();
    throw error;
  }
}

async function lookAndClose(
  redis: Redis,
  look: (redis: Redis) => Promise<Finding>,
): Promise<Finding> {
  try {
    return await look(redis);
  } finally {
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
