import type { IncomingMessage } from 'node:http';
import { nextTick } from 'node:process';

import type { SocketServer, ClientSocket } from '../server/socket.ts';

type Connection = ClientSocket['conn'];
type Transport = Connection['transport'];

/** A request as Engine.IO passes it to listeners. */
type EngineRequest = IncomingMessage & { readonly _query?: Readonly<Record<string, string>> };

/** The plain way: the WebSocket library writes each frame in a system call of its own. */
export function writeEachFrame(): void {
  // Nothing to do.
}

/**
 * The tuned way: all frames that one turn of the event loop has for a client leave in one system call. Such a call
 * costs more than everything else that is done for a message, and a batch of appends that commits produces several
 * acknowledgements and entries for the same client. The answer to an upgrade leaves together with the first packet.
 */
export function writeTogether({ engine }: Pick<SocketServer, 'engine'>): void {
  const held = new HeldTransports();
  // Right before the answer to the upgrade is written; the first packet follows in the same turn.
  engine.on('initial_headers', (_headers: unknown, request: EngineRequest) => {
    if (opensWebSocket(request)) request.socket.cork();
  });
  // Engine.IO gives no packets to a transport that is marked busy; it sends all of them when the mark is removed.
  engine.on('connection', (connection: Connection) => {
    connection.on('packetCreate', () => held.hold(connection.transport));
    if (isWebSocket(connection.transport)) connection.request.socket.uncork();
  });
  // Engine.IO emits both in the same turn: `flush` right before it writes the frames, `drain` right after.
  engine.on('flush', (connection: Connection, packets: readonly unknown[]) => {
    if (packets.length > 1 && isWebSocket(connection.transport)) connection.request.socket.cork();
  });
  engine.on('drain', (connection: Connection) => {
    if (isWebSocket(connection.transport)) connection.request.socket.uncork();
  });
}

/** Transports that are marked busy until the turn ends. */
class HeldTransports {
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

/** Whether a request will become a connection: Engine.IO refuses other versions of its protocol after the upgrade. */
function opensWebSocket({ _query: query }: EngineRequest): boolean {
  return query?.['transport'] === 'websocket' && query['EIO'] === '4';
}

/** A polling connection has no socket of its own: its `request` is the current poll. */
function isWebSocket({ name }: Transport): boolean {
  return name === 'websocket';
}
