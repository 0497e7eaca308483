import type { Scenario } from '../run/scenario.ts';
import { pause } from '../time.ts';

/** Messaging nodes crash, stop and freeze. */
export const nodeScenarios: readonly Scenario[] = [
  {
    name: 'nothing-broken',
    seconds: 10,
    shortSeconds: 5,
    break: ({ seconds }) => pause(seconds * 1_000),
  },
  {
    name: 'nodes-killed',
    seconds: 60,
    shortSeconds: 18,
    workload: { members: 20, rate: 80 },
    break: async ({ cluster, random, seconds, isFull, note }) => {
      const kills = isFull ? 20 : 6;
      for (let kill = 0; kill < kills; kill += 1) {
        const { part } = random.pick(cluster.nodes);
        await pause(random.between(0, (seconds * 1_000) / kills));
        await part.kill();
        await part.start();
      }
      note(`${kills} kills`);
    },
  },
  {
    name: 'nodes-stopped-in-turn',
    seconds: 30,
    shortSeconds: 10,
    break: async ({ cluster, seconds }) => {
      for (const { part } of cluster.nodes) {
        await part.stop();
        await part.start();
        await pause((seconds * 1_000) / cluster.nodes.length);
      }
    },
  },
  {
    name: 'node-frozen',
    seconds: 60,
    shortSeconds: 15,
    break: async ({ cluster, random, seconds }) => {
      const { part } = random.pick(cluster.nodes);
      part.freeze();
      await pause(seconds * 1_000);
      part.resume();
      await pause(2_000);
    },
  },
  {
    name: 'nodes-stalling',
    seconds: 45,
    shortSeconds: 15,
    break: async ({ cluster, random, seconds }) => {
      const end = performance.now() + seconds * 1_000;
      while (performance.now() < end) {
        const { part } = random.pick(cluster.nodes);
        part.freeze();
        await pause(random.between(1_000, 3_000));
        part.resume();
        await pause(random.between(100, 1_000));
      }
    },
  },
];
