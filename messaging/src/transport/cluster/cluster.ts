import { randomUUID } from 'node:crypto';
import type { Logger, Metrics, PeriodicMetrics, Redis } from '@parley/backend-common';

import type { FaultName, ReportFault } from '../../faults.ts';
import type { ClusterEvents, SocketServer } from '../server/socket.ts';
import { clusterChannel, noClusterChannel, type ClusterChannel } from './cluster-channel.ts';
import { ClusterLink } from './cluster-link.ts';
import type { EntryChannel } from './entry-channel.ts';
import { noLink, type LinkState } from './link-state.ts';
import { onlyNode, type LiveNodes } from './live-nodes.ts';

/** Connects this node to the other nodes. */
export interface Cluster {
  /** Identifies this process. */
  readonly nodeId: string;
  /** The connection for Redis commands; absent: this is the only node. */
  readonly redis: Redis | undefined;
  /** Whether events of other nodes arrive; always up where this is the only node. */
  readonly link: LinkState;
  /** Which nodes run. */
  readonly nodes: LiveNodes;
  /** Carries entries between the nodes; absent: this is the only node. */
  readonly entries: EntryChannel | undefined;
  /** Calls `listener` when the link is up again; events were missed while it was down. */
  readonly onReconnected: (listener: () => void) => void;
  /** Opens the channel of one cluster event. An event that cannot be read is reported as `fault`. */
  channel<Name extends keyof ClusterEvents>(
    name: Name,
    fault: FaultName,
  ): ClusterChannel<Parameters<ClusterEvents[Name]>[0]>;
}

interface ClusterOptions {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly periodicMetrics: PeriodicMetrics;
  readonly unpublished: { inc(): void };
  readonly reportFault: ReportFault;
}

/** The part of a {@link Cluster} that does not need a Socket.IO server. */
export interface ClusterBase extends Pick<Cluster, 'nodeId' | 'link' | 'nodes' | 'onReconnected'> {
  /** Absent: this is the only node. */
  readonly transport: ClusterLink | undefined;
}

/** @param redisUrl - absent: this is the only node */
export function createClusterBase(
  redisUrl: string | undefined,
  options: ClusterOptions,
): ClusterBase {
  const nodeId = randomUUID();
  const transport =
    redisUrl === undefined ? undefined : new ClusterLink({ ...options, nodeId, url: redisUrl });
  const link = transport?.state ?? noLink;
  return {
    nodeId,
    transport,
    link,
    nodes: transport?.nodes ?? onlyNode(nodeId),
    onReconnected(listener) {
      link.subscribe((isUp) => {
        if (isUp) listener();
      });
    },
  };
}

/** Completes the cluster with the Socket.IO server, whose adapter carries the cluster events. */
export function createCluster(
  { transport, ...base }: ClusterBase,
  io: SocketServer,
  reportFault: ReportFault,
): Cluster {
  return {
    ...base,
    redis: transport?.redis.commands,
    entries: transport?.entries,
    channel: (name, fault) =>
      transport === undefined
        ? noClusterChannel
        : clusterChannel({
            ...{ io, name, nodeId: base.nodeId },
            onFault: (error) => reportFault(fault, error),
          }),
  };
}
