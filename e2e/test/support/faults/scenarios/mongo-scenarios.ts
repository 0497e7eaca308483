import { openedBy } from '../cluster/client-ports.ts';
import type { LinkFault } from '../../links/link-fault.ts';
import type { Scenario, ScenarioContext } from '../run/scenario.ts';
import { pause } from '../time.ts';
import type { Workload } from '../workload/workload.ts';
import { fillDisk } from './full-disk.ts';

/** Breaks the link to the primary, which the nodes and the other members use. */
function breakLinkToPrimary(fault: LinkFault): Scenario['break'] {
  return async ({ cluster, seconds }) => {
    const { link } = await cluster.mongo.primary();
    link.break(fault);
    await pause(seconds * 1_000);
    link.heal();
  };
}

/** Breaks the links of one node to the replica set. */
function breakLinksOfOneNode(fault: LinkFault): Scenario['break'] {
  return async ({ cluster, random, seconds }) => {
    const { mongo } = random.pick(cluster.nodes);
    for (const link of mongo) link.break(fault);
    await pause(seconds * 1_000);
    for (const link of mongo) link.heal();
  };
}

/** Breaks the links of all nodes to the replica set. */
function breakLinksOfAllNodes(fault: LinkFault): Scenario['break'] {
  return async ({ cluster, seconds }) => {
    const links = cluster.nodes.flatMap(({ mongo }) => mongo);
    for (const link of links) link.break(fault);
    await pause(seconds * 1_000);
    for (const link of links) link.heal();
  };
}

async function killMembers(
  { cluster, seconds }: ScenarioContext,
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
  await pause(seconds * 1_000);
  await Promise.all(parts.map((part) => part.start()));
}

/** All clients connect while no node reaches the database. */
async function unreachableDuringConnects({
  cluster,
  seconds,
  workload,
}: ScenarioContext): Promise<void> {
  const links = cluster.nodes.flatMap(({ mongo }) => mongo);
  for (const link of links) link.break({ cut: true });
  disconnectAll(workload);
  await pause(seconds * 1_000);
  for (const link of links) link.heal();
}

function disconnectAll({ socketClients }: Workload): void {
  for (const client of socketClients) client.cut();
}

const timing = (name: string, seconds: number, shortSeconds: number) => ({
  name: `mongo-${name}`,
  seconds,
  shortSeconds,
});

/** Members of the replica set crash, freeze, or cannot be reached. */
export const mongoScenarios: readonly Scenario[] = [
  { ...timing('primary-killed', 25, 10), break: (context) => killMembers(context, 'primary') },
  {
    ...timing('two-members-down', 30, 10),
    break: (context) => killMembers(context, 'secondaries'),
  },
  { ...timing('all-members-killed', 20, 6), break: (context) => killMembers(context, 'all') },
  {
    ...timing('primary-steps-down', 20, 10),
    break: async ({ cluster, seconds, workload }) => {
      const primary = await cluster.mongo.primary();
      const command = { replSetStepDown: 10, secondaryCatchUpPeriodSecs: 5 };
      await cluster.mongo.command(primary, command);
      disconnectAll(workload);
      await pause(seconds * 1_000);
    },
  },
  {
    ...timing('primary-frozen', 20, 12),
    break: async ({ cluster, seconds }) => {
      const { part } = await cluster.mongo.primary();
      part.freeze();
      await pause(seconds * 1_000);
      part.resume();
      await pause(3_000);
    },
  },
  { ...timing('primary-cut-off', 20, 12), break: breakLinkToPrimary({ cut: true }) },
  { ...timing('primary-black-hole', 30, 15), break: breakLinkToPrimary({ blackHole: 'both' }) },
  { ...timing('primary-deaf', 30, 15), break: breakLinkToPrimary({ blackHole: 'toServer' }) },
  { ...timing('primary-mute', 30, 15), break: breakLinkToPrimary({ blackHole: 'toClient' }) },
  {
    ...timing('primary-isolated', 30, 15),
    break: async ({ cluster, seconds }) => {
      const primary = await cluster.mongo.primary();
      const only = openedBy(primary.part.pid ?? 0);
      for (const { link } of await cluster.mongo.secondaries()) {
        link.break({ blackHole: 'both', only });
      }
      primary.link.break({ blackHole: 'both' });
      await pause(seconds * 1_000);
    },
  },
  { ...timing('disk-full', 90, 20), isFullOnly: true, break: fillDisk },
  { ...timing('node-cut-off', 20, 8), break: breakLinksOfOneNode({ cut: true }) },
  { ...timing('node-deaf', 30, 10), break: breakLinksOfOneNode({ blackHole: 'toClient' }) },
  { ...timing('node-mute', 30, 10), break: breakLinksOfOneNode({ blackHole: 'toServer' }) },
  { ...timing('away-for-a-moment', 3, 3), break: unreachableDuringConnects },
  { ...timing('away', 12, 12), break: unreachableDuringConnects },
  { ...timing('slow', 30, 8), break: breakLinksOfAllNodes({ latencyMs: 50 }) },
  { ...timing('narrow', 30, 8), break: breakLinksOfAllNodes({ bytesPerSecond: 200_000 }) },
  { ...timing('resets', 30, 10), break: breakLinksOfAllNodes({ resetEveryMs: 2_000 }) },
];
