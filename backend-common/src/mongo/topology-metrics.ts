import type { MongoClient, TopologyDescription } from 'mongodb';

import type { Metrics } from '../metrics/metrics.ts';

/** Declares and keeps up to date what the driver knows of the replica set. Costs nothing for each command. */
export function measureTopology(client: MongoClient, metrics: Metrics): void {
  const up = metrics.gauge('parley_mongodb_up', '1 while this process knows a primary of MongoDB');
  const elections = metrics.counter(
    'parley_mongodb_elections_total',
    'Times at which another primary was seen, or the same one elected again',
  );
  const connections = metrics.gauge(
    'parley_mongodb_connections',
    'Connections of this process to MongoDB',
  );
  let last: string | undefined;
  client.on('topologyDescriptionChanged', ({ newDescription }) => {
    const primary = primaryOf(newDescription);
    up.set(primary === undefined ? 0 : 1);
    if (primary === undefined) return;
    if (last !== undefined && last !== primary) elections.inc();
    last = primary;
  });
  client.on('connectionCreated', () => connections.inc());
  client.on('connectionClosed', () => connections.dec());
}

/** Names the server that takes writes and its election; `undefined` while none is known. */
function primaryOf({ servers }: TopologyDescription): string | undefined {
  for (const { address, electionId, type } of servers.values()) {
    if (type === 'RSPrimary') return `${address} ${electionId?.toHexString() ?? ''}`;
    if (type === 'Mongos' || type === 'LoadBalancer') return type;
  }
  return undefined;
}
