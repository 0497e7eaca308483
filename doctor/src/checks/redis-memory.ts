import { ok, warning, type Check, type Finding } from '../finding.ts';
import { readInfo, withWorkingRedis } from './with-redis.ts';

export const redisMemory: Check = {
  name: 'redis-memory',
  run: (context) => withWorkingRedis(context, async (redis) => judge(await readInfo(redis))),
};

function judge(info: ReadonlyMap<string, string>): Finding {
  const limit = Number(info.get('maxmemory') ?? 0);
  const used = Number(info.get('used_memory') ?? 0);
  const policy = info.get('maxmemory_policy') ?? 'noeviction';
  if (limit === 0) return ok('The memory of Redis has no limit of its own, so nothing is evicted.');
  if (policy !== 'noeviction') {
    return warning(
      `Redis evicts keys when its memory is full (maxmemory-policy ${policy}), so presence and the counters of rate limits would be lost.`,
      'Set maxmemory-policy noeviction, and a maxmemory that is never reached.',
    );
  }
  if (used > limit * 0.8) {
    return warning(
      `Redis uses ${Math.round((used / limit) * 100)} % of its maxmemory.`,
      'Raise maxmemory, and check whether another application uses this server.',
    );
  }
  return ok('Redis has memory left and evicts nothing.');
}
