import type { GatewayServer, NodeEvents } from './gateway-socket.ts';

/** Something that nodes tell each other. A hint may be late, doubled or lost. */
export interface Hints<Payload> {
  /** Tells the other nodes, not this one. */
  publish(payload: Payload): void;
  onHint(listener: (payload: Payload) => void): void;
}

/** Hints through the adapter. What arrives was written by a node of ours; a fault of its reader ends here. */
export function adapterHints<Name extends keyof NodeEvents>(
  io: GatewayServer,
  name: Name,
  onFault: (error: unknown) => void,
): Hints<Parameters<NodeEvents[Name]>[0]> {
  type Payload = Parameters<NodeEvents[Name]>[0];
  return {
    publish(payload) {
      const tell = io.serverSideEmit.bind(io) as (event: Name, given: Payload) => boolean;
      tell(name, payload);
    },
    onHint(listener) {
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
export const noHints = {
  publish: () => undefined,
  onHint: () => undefined,
} satisfies Hints<never>;
