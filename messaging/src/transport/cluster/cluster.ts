import { randomUUID } from 'node:crypto';
import type { Logger, Redis, Resources } from '@parley/backend-common';

import type { FaultName, ReportFault } from '../../faults.ts';
import type { ClusterEvents, SocketServer } from '../server/socket.ts';
import { clusterChannel, noClusterChannel, type ClusterChannel } from './cluster-channel.ts';
import { noLink, type LinkState } from './link-state.ts';
import { openRedisLink, type RedisLink } from './redis-link.ts';

/** Connects this node to the other nodes. */
export interface Cluster {
  /** Identifies this process. */
  readonly nodeId: string;
  /** For commands; absent: this is the only node. */
  readonly redis: Redis | undefined;
  /** Whether events of other nodes arrive; always up where this is the only node. */
  readonly link: LinkState;
  /** Calls `listener` when the link was down and is up again: events of the time between were missed. */
  readonly onReconnected: (listener: () => void) => void;
  /** Events of one name between the nodes. One that cannot be read is reported under `fault`. */
  channel<Name extends keyof ClusterEvents>(
    name: Name,
    fault: FaultName,
  ): ClusterChannel<Parameters<ClusterEvents[Name]>[0]>;
}

interface ClusterLinkOptions {
  /** Absent: this is the only node. */
  readonly redisUrl: string | undefined;
  readonly logger: Logger;
  readonly unpublished: { inc(): void };
  readonly reportFault: ReportFault;
  readonly resources: Resources;
}

/** The connection between the nodes, before there is a Socket.IO server that speaks over it. */
export interface ClusterLink {
  readonly redis: RedisLink | undefined;
}

/** Connects to Redis, if it is configured. @throws when Redis does not answer within a minute */
export async function openClusterLink(options: ClusterLinkOptions): Promise<ClusterLink> {
  const { logger, redisUrl, reportFault, resources, unpublished } = options;
  if (redisUrl === undefined) return { redis: undefined };
  const redis = await openRedisLink({
    url: redisUrl,
    logger,
    onUnpublished: () => unpublished.inc(),
    onFault: (error) => reportFault('cluster_message_unreadable', error),
  });
  resources.defer('redis', () => redis.close());
  return { redis };
}

/** The cluster as features see it. */
export function createCluster(
  { redis }: ClusterLink,
  io: SocketServer,
  reportFault: ReportFault,
): Cluster {
  const link = redis?.state ?? noLink;
  return {
    nodeId: randomUUID(),
    redis: redis?.commands,
    link,
    onReconnected: (listener) => {
      link.subscribe((isUp) => {
        if (isUp) listener();
      });
    },
    channel: (name, fault) =>
      redis === undefined
        ? noClusterChannel
        : clusterChannel(io, name, (error) => reportFault(fault, error)),
  };
}
