import type { SocketServer, ClusterEvents } from '../server/socket.ts';

/** Something that nodes tell each other. A hint may be late, doubled or lost. */
export interface ClusterChannel<Payload> {
  /** Tells the other nodes, not this one. */
  publish(payload: Payload): void;
  subscribe(listener: (payload: Payload) => void): void;
}

/** Hints through the adapter. What arrives was written by a node of ours; a fault of its reader ends here. */
export function clusterChannel<Name extends keyof ClusterEvents>(
  io: SocketServer,
  name: Name,
  onFault: (error: unknown) => void,
): ClusterChannel<Parameters<ClusterEvents[Name]>[0]> {
  type Payload = Parameters<ClusterEvents[Name]>[0];
  return {
    publish(payload) {
      const tell = io.serverSideEmit.bind(io) as (event: Name, given: Payload) => boolean;
      tell(name, payload);
    },
    subscribe(listener) {
      const hear = io.on.bind(io) as unknown as (
        event: Name,
        heard: (given: Payload) => void,
      ) => unknown;
      hear(name, (payload) => {
        try {
          listener(payload);
        } catch (error) {
          onFault(error);
        }
      });
    },
  };
}

/** Where there is one node, nobody is told and nothing is heard. */
export const noClusterChannel = {
  publish: () => undefined,
  subscribe: () => undefined,
} satisfies ClusterChannel<never>;
