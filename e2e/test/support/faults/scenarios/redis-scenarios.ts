import type { LinkConnection, LinkFault } from '../../links/link-fault.ts';
import type { Scenario, ScenarioContext } from '../run/scenario.ts';
import { pause } from '../time.ts';
import { burst } from './burst.ts';

/** Breaks the links of all nodes to Redis for as long as the scenario lasts. */
function breakRedisLinks(fault: LinkFault): Scenario['break'] {
  return async ({ cluster, seconds }) => {
    for (const { redis } of cluster.nodes) redis.break(fault);
    await pause(seconds * 1_000);
    for (const { redis } of cluster.nodes) redis.heal();
  };
}

/** Whether a node receives what the others publish over this connection. */
const isSubscriber = ({ beginning }: LinkConnection) => beginning.includes('subscriber');

async function restart({ cluster, seconds }: ScenarioContext): Promise<void> {
  await cluster.redis.kill();
  await pause(seconds * 1_000);
  // It has no persistence, so it is empty afterwards.
  await cluster.redis.start();
}

/** Redis crashes, freezes, or loses messages. */
export const redisScenarios: readonly Scenario[] = [
  { name: 'redis-killed', seconds: 20, shortSeconds: 8, break: restart },
  { name: 'redis-restarted-empty', seconds: 0, break: restart },
  {
    name: 'redis-frozen',
    seconds: 15,
    shortSeconds: 9,
    break: async ({ cluster, seconds }) => {
      cluster.redis.freeze();
      await pause(seconds * 1_000);
      cluster.redis.resume();
    },
  },
  {
    name: 'redis-black-hole',
    seconds: 20,
    shortSeconds: 10,
    break: breakRedisLinks({ blackHole: 'both' }),
  },
  {
    name: 'redis-long-black-hole',
    seconds: 150,
    isFullOnly: true,
    break: breakRedisLinks({ blackHole: 'both' }),
  },
  {
    name: 'redis-dead-one-way',
    seconds: 150,
    shortSeconds: 25,
    break: breakRedisLinks({ blackHole: 'toClient', only: isSubscriber }),
  },
  {
    name: 'redis-node-deaf',
    seconds: 60,
    shortSeconds: 12,
    break: async ({ cluster, random, seconds }) => {
      const { redis } = random.pick(cluster.nodes);
      redis.break({ blackHole: 'toClient', only: isSubscriber });
      await pause(seconds * 1_000);
      redis.heal();
    },
  },
  {
    // The node falls so far behind that it skips entries instead of sending all of them.
    name: 'redis-node-deaf-in-a-burst',
    seconds: 40,
    shortSeconds: 20,
    break: async ({ cluster, isFull, note, random, workload }) => {
      const { redis } = random.pick(cluster.nodes);
      redis.break({ blackHole: 'toClient', only: isSubscriber });
      const count = isFull ? 5_000 : 2_000;
      await burst(workload, random.pick(workload.socketClients.slice(0, 4)), { count });
      redis.heal();
      note(`${count} messages`);
    },
  },
  {
    name: 'redis-tenth-of-publishes-lost',
    seconds: 30,
    shortSeconds: 10,
    break: breakRedisLinks({ lostPublishes: 0.1 }),
  },
  {
    name: 'redis-all-publishes-lost',
    seconds: 60,
    shortSeconds: 12,
    break: breakRedisLinks({ lostPublishes: 1 }),
  },
  {
    name: 'redis-resets',
    seconds: 30,
    shortSeconds: 10,
    break: breakRedisLinks({ resetEveryMs: 1_000 }),
  },
  {
    name: 'redis-flapping',
    seconds: 30,
    shortSeconds: 10,
    break: async ({ cluster, seconds }) => {
      for (let second = 0; second < seconds; second += 1) {
        for (const { redis } of cluster.nodes) {
          if (second % 2 === 0) redis.break({ cut: true });
          else redis.heal();
        }
        await pause(1_000);
      }
    },
  },
  { name: 'redis-slow', seconds: 30, shortSeconds: 8, break: breakRedisLinks({ latencyMs: 250 }) },
];
