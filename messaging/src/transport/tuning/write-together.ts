import { nextTick } from 'node:process';

import type { SocketServer, ClientSocket } from '../server/socket.ts';

type Connection = ClientSocket['conn'];
type Transport = Connection['transport'];

/**
 * Lets all frames that one turn of the event loop has for a client leave in one system call. The WebSocket library
 * hands each frame to the kernel by itself, and that call costs more than everything else that is done for a message;
 * after a round of group commit several acknowledgements and entries are for the same client.
 */
export function writeTogether({ engine }: Pick<SocketServer, 'engine'>): void {
  const held = new Held();
  // A transport that says it is busy is not given the first packet at once, and gets all of them at the end of the turn.
  engine.on('connection', (connection: Connection) => {
    connection.on('packetCreate', () => held.hold(connection.transport));
  });
  // Engine.IO tells of both within one turn: right before it hands over the frames, and right after.
  engine.on('flush', (connection: Connection, packets: readonly unknown[]) => {
    if (packets.length > 1 && isWebSocket(connection.transport)) connection.request.socket.cork();
  });
  engine.on('drain', (connection: Connection) => {
    if (isWebSocket(connection.transport)) connection.request.socket.uncork();
  });
}

/** Transports that are kept from sending until the turn ends. */
class Held {
  #transports: Transport[] = [];

  hold(transport: Transport): void {
    if (!transport.writable || !isWebSocket(transport)) return;
    transport.writable = false;
    this.#transports.push(transport);
    if (this.#transports.length === 1) nextTick(() => this.#release());
  }

  #release(): void {
    const transports = this.#transports;
    this.#transports = [];
    for (const transport of transports) {
      transport.writable = true;
      transport.emit('ready');
    }
  }
}

/** Of a connection that polls, `request` is the poll of the moment. */
function isWebSocket({ name }: Transport): boolean {
  return name === 'websocket';
}
