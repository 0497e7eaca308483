import { PacketType } from 'socket.io-parser';

import type { ClientSocket } from '../server/socket.ts';

/** Sends the answer to an event. */
export type Acknowledge = (answer: unknown) => void;

/**
 * Calls `handle` with each event of a socket: its name and its arguments, and the function that answers it, if the client
 * asks for an answer. Nothing else in the arguments is a function.
 */
export type ReceiveEvents = (
  socket: ClientSocket,
  handle: (event: unknown[], acknowledge: Acknowledge | undefined) => void,
) => void;

/**
 * The plain way: a middleware that never calls `next`, so that no listener is looked up by an event name that a client
 * chose.
 */
export const receiveByMiddleware: ReceiveEvents = (socket, handle) => {
  socket.use((event: unknown[]) => handle(event, takeAcknowledge(event)));
};

/** The methods between a packet and its middlewares, which the types of Socket.IO do not declare. */
interface Internals {
  onevent: (packet: { readonly data?: unknown[]; readonly id?: number }) => void;
  readonly client: {
    _packet(packet: object, options: object): void;
  };
}

/**
 * The tuned way: takes each event before Socket.IO does. Socket.IO would copy the list of middlewares and create four
 * functions for each event, and another array and object for its answer.
 */
export const receiveDirectly: ReceiveEvents = (socket, handle) => {
  const internals = socket as unknown as Internals;
  const { client } = internals;
  const nsp = socket.nsp.name;
  internals.onevent = ({ data = [], id }) => {
    const acknowledge =
      id === undefined
        ? undefined
        : (answer: unknown) =>
            client._packet({ type: PacketType.ACK, id, nsp, data: [answer] }, {});
    handle(data, acknowledge);
  };
};

/** Removes the acknowledgement from the arguments. Nothing else in them can be a function. */
function takeAcknowledge(event: unknown[]): Acknowledge | undefined {
  return typeof event.at(-1) === 'function' ? (event.pop() as Acknowledge) : undefined;
}
