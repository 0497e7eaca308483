import type { SocketServer, ClusterEvents } from '../server/socket.ts';

/** Cluster events of one name. A cluster event may be late, duplicated or lost. */
export interface ClusterChannel<Payload> {
  /** Sends an event to the other nodes, not to this one. */
  publish(payload: Payload): void;
  subscribe(listener: (payload: Payload) => void): void;
}

/** Cluster events through the adapter of Socket.IO. What a listener throws goes to `onFault`. */
export function clusterChannel<Name extends keyof ClusterEvents>(
  io: SocketServer,
  name: Name,
  onFault: (error: unknown) => void,
): ClusterChannel<Parameters<ClusterEvents[Name]>[0]> {
  type Payload = Parameters<ClusterEvents[Name]>[0];
  return {
    publish(payload) {
      const emit = io.serverSideEmit.bind(io) as (event: Name, given: Payload) => boolean;
      emit(name, payload);
    },
    subscribe(listener) {
      const on = io.on.bind(io) as unknown as (
        event: Name,
        handle: (given: Payload) => void,
      ) => unknown;
      on(name, (payload) => {
        try {
          listener(payload);
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
