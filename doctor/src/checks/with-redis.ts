import { connectRedis, type Redis } from '@parley/backend-common';

import type { Context } from '../context.ts';
import { skipped, type Finding } from '../finding.ts';

/** Runs a check with a connection of its own to Redis. It is skipped without REDIS_URL. @throws if Redis cannot be reached */
export async function withRedis(
  { deployment }: Context,
  look: (redis: Redis) => Promise<Finding>,
): Promise<Finding> {
  const { REDIS_URL: url } = deployment.settings;
  if (url === undefined) return skipped('REDIS_URL is not set: one messaging node needs no Redis.');
  return lookAndClose(await open(url), look);
}

/** Like {@link withRedis}, but the check is skipped if Redis cannot be reached, because the check `redis` reports why. */
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
  // The event contains the cause, which the rejection of `connect` lacks.
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
