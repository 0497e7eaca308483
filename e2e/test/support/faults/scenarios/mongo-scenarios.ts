import { openedBy } from '../cluster/client-ports.ts';
import type { LinkFault } from '../../links/link-fault.ts';
import type { Scenario, Stage } from '../run/scenario.ts';
import { hold } from '../time.ts';
import type { Workload } from '../workload/workload.ts';
import { fillDisk } from './full-disk.ts';

/** Breaks what leads to the primary, from the nodes and from the other members. */
function primaryBehind(fault: LinkFault): Scenario['break'] {
  return async ({ cluster, seconds }) => {
    const { link } = await cluster.mongo.primary();
    link.break(fault);
    await hold(seconds * 1_000);
    link.heal();
  };
}

/** Breaks what leads from one node to the replica set. */
function nodeBehind(fault: LinkFault): Scenario['break'] {
  return async ({ cluster, random, seconds }) => {
    const { mongo } = random.pick(cluster.nodes);
    for (const link of mongo) link.break(fault);
    await hold(seconds * 1_000);
    for (const link of mongo) link.heal();
  };
}

/** Breaks what leads from all nodes to the replica set. */
function allBehind(fault: LinkFault): Scenario['break'] {
  return async ({ cluster, seconds }) => {
    const links = cluster.nodes.flatMap(({ mongo }) => mongo);
    for (const link of links) link.break(fault);
    await hold(seconds * 1_000);
    for (const link of links) link.heal();
  };
}

async function killed(
  { cluster, seconds }: Stage,
  which: 'primary' | 'secondaries' | 'all',
): Promise<void> {
  const { mongo } = cluster;
  const members = {
    primary: async () => [await mongo.primary()],
    secondaries: () => mongo.secondaries(),
    all: () => Promise.resolve(mongo.members),
  };
  const parts = (await members[which]()).map(({ part }) => part);
  await Promise.all(parts.map((part) => part.kill()));
  await hold(seconds * 1_000);
  await Promise.all(parts.map((part) => part.start()));
}

/** Everybody connects while no node can read anything. */
async function awayWhileConnecting({ cluster, seconds, workload }: Stage): Promise<void> {
  const links = cluster.nodes.flatMap(({ mongo }) => mongo);
  for (const link of links) link.break({ cut: true });
  cutAll(workload);
  await hold(seconds * 1_000);
  for (const link of links) link.heal();
}

function cutAll({ socketClients }: Workload): void {
  for (const client of socketClients) client.cut();
}

const lasting = (name: string, seconds: number, shortSeconds: number) => ({
  name: `mongo-${name}`,
  seconds,
  shortSeconds,
});

/** MongoDB whose members die, stand still, or cannot be reached. */
export const mongoScenarios: readonly Scenario[] = [
  { ...lasting('primary-killed', 25, 10), break: (stage) => killed(stage, 'primary') },
  { ...lasting('two-members-down', 30, 10), break: (stage) => killed(stage, 'secondaries') },
  { ...lasting('all-members-killed', 20, 6), break: (stage) => killed(stage, 'all') },
  {
    ...lasting('primary-steps-down', 20, 10),
    break: async ({ cluster, seconds, workload }) => {
      const primary = await cluster.mongo.primary();
      const command = { replSetStepDown: 10, secondaryCatchUpPeriodSecs: 5 };
      await cluster.mongo.command(primary, command);
      cutAll(workload);
      await hold(seconds * 1_000);
    },
  },
  {
    ...lasting('primary-frozen', 20, 12),
    break: async ({ cluster, seconds }) => {
      const { part } = await cluster.mongo.primary();
      part.freeze();
      await hold(seconds * 1_000);
      part.resume();
      await hold(3_000);
    },
  },
  { ...lasting('primary-cut-off', 20, 12), break: primaryBehind({ cut: true }) },
  { ...lasting('primary-black-hole', 30, 15), break: primaryBehind({ blackHole: 'both' }) },
  { ...lasting('primary-deaf', 30, 15), break: primaryBehind({ blackHole: 'toServer' }) },
  { ...lasting('primary-mute', 30, 15), break: primaryBehind({ blackHole: 'toClient' }) },
  {
    ...lasting('primary-isolated', 30, 15),
    break: async ({ cluster, seconds }) => {
      const primary = await cluster.mongo.primary();
      const only = openedBy(primary.part.pid ?? 0);
      for (const { link } of await cluster.mongo.secondaries()) {
        link.break({ blackHole: 'both', only });
      }
      primary.link.break({ blackHole: 'both' });
      await hold(seconds * 1_000);
    },
  },
  { ...lasting('disk-full', 90, 20), isFullOnly: true, break: fillDisk },
  { ...lasting('node-cut-off', 20, 8), break: nodeBehind({ cut: true }) },
  { ...lasting('node-deaf', 30, 10), break: nodeBehind({ blackHole: 'toClient' }) },
  { ...lasting('node-mute', 30, 10), break: nodeBehind({ blackHole: 'toServer' }) },
  { ...lasting('away-for-a-moment', 3, 3), break: awayWhileConnecting },
  { ...lasting('away', 12, 12), break: awayWhileConnecting },
  { ...lasting('slow', 30, 8), break: allBehind({ latencyMs: 50 }) },
  { ...lasting('narrow', 30, 8), break: allBehind({ bytesPerSecond: 200_000 }) },
  { ...lasting('resets', 30, 10), break: allBehind({ resetEveryMs: 2_000 }) },
];
