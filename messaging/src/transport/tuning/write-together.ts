import type { IncomingMessage } from 'node:http';
import type { Socket as TcpSocket } from 'node:net';
import { nextTick } from 'node:process';

import type { SocketServer, ClientSocket } from '../server/socket.ts';
import { textFrames, type TextPacket } from './text-frames.ts';

type Connection = ClientSocket['conn'];
type Transport = Connection['transport'];

/** A request as Engine.IO passes it to listeners. */
type EngineRequest = IncomingMessage & { readonly _query?: Readonly<Record<string, string>> };

type EnginePacket = Parameters<Transport['send']>[0][number];

/** What a packet for many clients has in addition: its frame, encoded once. */
interface Encoded {
  readonly options?: { readonly wsPreEncodedFrame?: readonly Buffer[] };
}

/** What the types of Engine.IO do not declare of its transport over a WebSocket. */
interface WebSocketTransport extends Transport {
  /** The WebSocket of the library `ws`, and the connection below it. */
  readonly socket: { readonly readyState: number; readonly _socket: TcpSocket };
  /** Called when the last packet has left, or could not be sent. */
  readonly _onSentLast: (error?: Error | null) => void;
}

/** `readyState` of an open WebSocket. */
const OPEN = 1;

/** The plain way: the WebSocket library writes each frame in a system call of its own. */
export function writeEachFrame(): void {
  // Nothing to do.
}

/**
 * The tuned way: all frames that one turn of the event loop has for a client leave in one system call, as one buffer.
 * Such a call costs more than everything else that is done for a message, and a batch of appends that commits produces
 * several acknowledgements and entries for the same client. The answer to an upgrade leaves together with the first
 * packet.
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
    if (isWebSocket(connection.transport)) {
      connection.transport.send = sendTogether;
      connection.request.socket.uncork();
    } else {
      connection.once('upgrade', (transport: Transport) => {
        if (isWebSocket(transport)) transport.send = sendTogether;
      });
    }
  });
}

/** Replaces `send` of a transport, which gives one packet after the other to the WebSocket library. */
function sendTogether(this: WebSocketTransport, packets: EnginePacket[]): void {
  if (this.socket.readyState !== OPEN || !packets.every(isText)) {
    (Object.getPrototypeOf(this) as WebSocketTransport).send.call(this, packets);
    return;
  }
  this.writable = false;
  this.socket._socket.write(framesOf(packets as TextPacket[]), this._onSentLast);
}

function framesOf(packets: readonly (TextPacket & Encoded)[]): Buffer {
  const encoded = packets.length === 1 ? packets[0]?.options?.wsPreEncodedFrame : undefined;
  const [frame, ...more] = encoded ?? [];
  return frame === undefined || more.length > 0 ? textFrames(packets) : frame;
}

function isText({ data, type }: EnginePacket): boolean {
  return type !== 'error' && (data === undefined || typeof data === 'string');
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

/** Only such a connection has a socket of its own: the `request` of a polling connection is the current poll. */
function isWebSocket(transport: Transport): transport is WebSocketTransport {
  return transport.name === 'websocket';
}
