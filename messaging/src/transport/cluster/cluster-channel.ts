import type { SocketServer, ClusterEvents } from '../server/socket.ts';

/** Cluster events of one name. A cluster event may be late, duplicated or lost. */
export interface ClusterChannel<Payload> {
  /** Sends an event to the other nodes, not to this one. */
  publish(payload: Payload): void;
  /** `from` is the id of the node that sent the event; absent if an older version or another service sent it. */
  subscribe(listener: (payload: Payload, from: string | undefined) => void): void;
}

interface ClusterChannelOptions<Name> {
  readonly io: SocketServer;
  readonly name: Name;
  /** Identifies this node. */
  readonly nodeId: string;
  /** Called with what a listener throws. */
  readonly onFault: (error: unknown) => void;
}

/** Opens a channel over the Socket.IO adapter. Each event contains the id of the node that sends it. */
export function clusterChannel<Name extends keyof ClusterEvents>({
  io,
  name,
  nodeId,
  onFault,
}: ClusterChannelOptions<Name>): ClusterChannel<Parameters<ClusterEvents[Name]>[0]> {
  type Payload = Parameters<ClusterEvents[Name]>[0];
  return {
    publish(payload) {
      const emit = io.serverSideEmit.bind(io) as (
        event: Name,
        given: Payload,
        from: string,
      ) => boolean;
      emit(name, payload, nodeId);
    },
    subscribe(listener) {
      const on = io.on.bind(io) as unknown as (
        event: Name,
        handle: (given: Payload, from?: string) => void,
      ) => unknown;
      on(name, (payload, from) => {
        try {
          listener(payload, from);
        } catch (error) {
          onFault(error);
        }
      });
    },
  };
}

/** The channel of a single node: nobody receives what it publishes. */
export const noClusterChannel = {
  publish: () => undefined,
  subscribe: () => undefined,
} satisfies ClusterChannel<never>;
