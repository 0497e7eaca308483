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
  const joined = new JoinedFrames();
  const held = new HeldTransports(joined);
  const sendTogether = sendJoined(joined);
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
function sendJoined(joined: JoinedFrames) {
  return function send(this: WebSocketTransport, packets: EnginePacket[]): void {
    if (this.socket.readyState !== OPEN || !packets.every(isText)) {
      (Object.getPrototypeOf(this) as WebSocketTransport).send.call(this, packets);
      return;
    }
    this.writable = false;
    this.socket._socket.write(joined.of(packets as TextPacket[]), this._onSentLast);
  };
}

/**
 * Makes one buffer of the frames of several packets. The members of a conversation mostly get the same entries in the
 * same turn of the event loop, so what was made for one client is used again for the next one.
 */
export class JoinedFrames {
  #frames: readonly (Buffer | undefined)[] = [];
  #joined: Buffer | undefined;

  of(packets: readonly (TextPacket & Encoded)[]): Buffer {
    if (packets.length === 1) return frameOf(packets[0]) ?? textFrames(packets);
    if (this.#joined !== undefined && this.#isOfLast(packets)) return this.#joined;
    const frames = packets.map(frameOf);
    if (frames.includes(undefined)) return textFrames(packets);
    this.#frames = frames;
    this.#joined = Buffer.concat(frames as readonly Buffer[]);
    return this.#joined;
  }

  /** Call it when the turn ends: the buffer may be large. */
  forget(): void {
    this.#frames = [];
    this.#joined = undefined;
  }

  #isOfLast(packets: readonly Encoded[]): boolean {
    if (packets.length !== this.#frames.length) return false;
    return packets.every((packet, index) => frameOf(packet) === this.#frames[index]);
  }
}

/** The frame of a packet, if it was encoded before, in one piece. */
function frameOf(packet: Encoded | undefined): Buffer | undefined {
  const encoded = packet?.options?.wsPreEncodedFrame;
  return encoded?.length === 1 ? encoded[0] : undefined;
}

function isText({ data, type }: EnginePacket): boolean {
  return type !== 'error' && (data === undefined || typeof data === 'string');
}

/** Transports that are marked busy until the turn ends. */
class HeldTransports {
  readonly #joined: JoinedFrames;
  #transports: Transport[] = [];

  constructor(joined: JoinedFrames) {
    this.#joined = joined;
  }

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
    this.#joined.forget();
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
