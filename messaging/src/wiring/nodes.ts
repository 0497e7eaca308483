import { randomUUID } from 'node:crypto';

import type { TransportMetrics } from '../transport/server/metrics.ts';
import type { SocketServer } from '../transport/server/socket.ts';
import { openRedisLink, type RedisLink } from '../transport/cluster/redis-link.ts';
import type { SocketRegistry } from '../transport/server/socket-registry.ts';
import type { Tuning } from '../transport/tuning/tuning.ts';
import type { Ground } from './ground.ts';

/** This node among the others. */
export interface Nodes {
  /** Names this process. */
  readonly nodeId: string;
  /** Absent where this is the only node. */
  readonly redis: RedisLink | undefined;
  /** Called when the link to the others was lost and is back. */
  onReturn(listener: () => void): void;
}

/** How a part reaches sockets: through this server, and the other nodes. */
export interface Reach extends Nodes {
  readonly io: SocketServer;
  readonly sockets: SocketRegistry;
  readonly tuning: Tuning;
}

/** Connects this node to the others, if there are any. */
export async function connectNodes(
  { config, logger, onFault, resources }: Ground,
  { unpublished }: Pick<TransportMetrics, 'unpublished'>,
): Promise<Nodes> {
  const listeners: (() => void)[] = [];
  const nodes = {
    nodeId: randomUUID(),
    onReturn: (listener: () => void) => void listeners.push(listener),
  };
  if (config.redisUrl === undefined) return { ...nodes, redis: undefined };
  const redis = await openRedisLink({
    url: config.redisUrl,
    logger,
    onUnpublished: () => unpublished.inc(),
    onFault: (error) => onFault('A message of another node could not be read', error),
    onReturn: () => {
      for (const listener of listeners) listener();
    },
  });
  resources.defer('redis', () => redis.close());
  return { ...nodes, redis };
}
