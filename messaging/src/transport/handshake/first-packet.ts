import type { ClientSocket } from '../server/socket.ts';

type Connection = ClientSocket['conn'];
type Listener = (packet: { readonly type: string }) => void;

/**
 * Lets a connection send one Socket.IO packet, its CONNECT, until it is admitted. Each further one would look up
 * another token, as fast as a client can write.
 */
export class FirstPacketOnly {
  readonly #listeners = new WeakMap<Connection, Listener>();
  readonly #onRefused: (connection: Connection) => void;

  /** @param onRefused - called with a connection that is closed for a second packet */
  constructor(onRefused: (connection: Connection) => void) {
    this.#onRefused = onRefused;
  }

  watch(connection: Connection): void {
    let packets = 0;
    const listener: Listener = ({ type }) => {
      if (type !== 'message') return;
      packets += 1;
      if (packets < 2) return;
      this.release(connection);
      this.#onRefused(connection);
      breakOff(connection);
    };
    this.#listeners.set(connection, listener);
    connection.on('packet', listener);
  }

  /** The connection is admitted. */
  release(connection: Connection): void {
    const listener = this.#listeners.get(connection);
    if (listener === undefined) return;
    this.#listeners.delete(connection);
    connection.off('packet', listener);
  }
}

/** Closes a connection in the middle of what it sends. */
export function breakOff(connection: Connection): void {
  // A polling connection has no socket of its own: its `request` is the current poll.
  const ownsSocket = connection.transport.name === 'websocket';
  const { socket } = connection.request;
  // First, so that Socket.IO handles nothing more of it.
  connection.close(true);
  if (ownsSocket) socket.destroy();
}
