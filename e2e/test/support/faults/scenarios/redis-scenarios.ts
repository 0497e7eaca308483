import type { LinkConnection, LinkFault } from '../../links/link-fault.ts';
import type { Scenario, Stage } from '../run/scenario.ts';
import { hold } from '../time.ts';
import { burst } from './burst.ts';

/** Breaks the links of all nodes to Redis for as long as the scenario lasts. */
function broken(fault: LinkFault): Scenario['break'] {
  return async ({ cluster, seconds }) => {
    for (const { redis } of cluster.nodes) redis.break(fault);
    await hold(seconds * 1_000);
    for (const { redis } of cluster.nodes) redis.heal();
  };
}

/** The connection over which a node receives what the others publish. */
const receives = ({ beginning }: LinkConnection) => beginning.includes('subscriber');

async function restart({ cluster, seconds }: Stage): Promise<void> {
  await cluster.redis.kill();
  await hold(seconds * 1_000);
  // It keeps nothing, so it is empty afterwards.
  await cluster.redis.start();
}

/** Redis that dies, stands still, or loses what it is given. */
export const redisScenarios: readonly Scenario[] = [
  { name: 'redis-killed', seconds: 20, shortSeconds: 8, break: restart },
  { name: 'redis-restarted-empty', seconds: 0, break: restart },
  {
    name: 'redis-frozen',
    seconds: 15,
    shortSeconds: 9,
    break: async ({ cluster, seconds }) => {
      cluster.redis.freeze();
      await hold(seconds * 1_000);
      cluster.redis.resume();
    },
  },
  { name: 'redis-black-hole', seconds: 20, shortSeconds: 10, break: broken({ blackHole: 'both' }) },
  {
    name: 'redis-long-black-hole',
    seconds: 150,
    isFullOnly: true,
    break: broken({ blackHole: 'both' }),
  },
  {
    name: 'redis-dead-one-way',
    seconds: 150,
    shortSeconds: 25,
    break: broken({ blackHole: 'toClient', only: receives }),
  },
  {
    name: 'redis-node-deaf',
    seconds: 60,
    shortSeconds: 12,
    break: async ({ cluster, random, seconds }) => {
      const { redis } = random.pick(cluster.nodes);
      redis.break({ blackHole: 'toClient', only: receives });
      await hold(seconds * 1_000);
      redis.heal();
    },
  },
  {
    // The node falls so far behind that it skips entries instead of sending each.
    name: 'redis-node-deaf-in-a-burst',
    seconds: 40,
    shortSeconds: 20,
    break: async ({ cluster, isFull, note, random, workload }) => {
      const { redis } = random.pick(cluster.nodes);
      redis.break({ blackHole: 'toClient', only: receives });
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
    break: broken({ lostPublishes: 0.1 }),
  },
  {
    name: 'redis-all-publishes-lost',
    seconds: 60,
    shortSeconds: 12,
    break: broken({ lostPublishes: 1 }),
  },
  { name: 'redis-resets', seconds: 30, shortSeconds: 10, break: broken({ resetEveryMs: 1_000 }) },
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
        await hold(1_000);
      }
    },
  },
  { name: 'redis-slow', seconds: 30, shortSeconds: 8, break: broken({ latencyMs: 250 }) },
];
