import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { io as connect, type Socket } from 'socket.io-client';

import { createSocketServer } from '../../src/transport/server/create-server.ts';
import type { ClientSocket, SocketServer } from '../../src/transport/server/socket.ts';
import {
  createTuning,
  type Tuning,
  type TuningOptions,
} from '../../src/transport/tuning/tuning.ts';

/** Both ends of a connection, and the frames that the client gets. */
export interface Connected {
  readonly client: Socket;
  readonly socket: ClientSocket;
  /** Socket.IO packets as text, in order; without those of the handshake. */
  readonly frames: string[];
}

/** A Socket.IO server with a given tuning that lets everybody in, and nothing of the service behind it. */
export class BareSocketServer {
  readonly io: SocketServer;
  readonly tuning: Tuning;
  readonly #http: Server = createServer();
  readonly #clients: Socket[] = [];

  private constructor(options: TuningOptions) {
    this.tuning = createTuning(options);
    this.io = createSocketServer({
      longPolling: true,
      origins: [],
      mayConnect: () => true,
      tuning: this.tuning,
    });
  }

  static async start(options: TuningOptions): Promise<BareSocketServer> {
    const server = new BareSocketServer(options);
    await new Promise<void>((resolve) => server.#http.listen(0, '127.0.0.1', resolve));
    server.io.attach(server.#http);
    server.tuning.prepareWrites(server.io);
    return server;
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  /** Connects a client with these transports, the first one first; by default a WebSocket alone. */
  async connect(...given: ('websocket' | 'polling')[]): Promise<Connected> {
    const transports = given.length === 0 ? ['websocket' as const] : given;
    const connected = new Promise<ClientSocket>((resolve) => this.io.once('connection', resolve));
    const client = connect(`http://127.0.0.1:${this.port}`, {
      transports,
      forceNew: true,
    });
    this.#clients.push(client);
    const [socket] = await Promise.all([
      connected,
      new Promise<void>((resolve) => client.once('connect', resolve)),
    ]);
    const frames: string[] = [];
    client.io.engine.on('data', (frame: unknown) => void frames.push(String(frame)));
    return { client, socket, frames };
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.disconnect();
    await this.io.close();
  }
}
