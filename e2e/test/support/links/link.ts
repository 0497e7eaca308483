import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import type { Direction, LinkConnection, LinkFault } from './link-fault.ts';
import { Pipe, type PipeState } from './pipe.ts';

/** Rewrites what a client sends. Incomplete commands are kept until the next call. */
export type Rewrite = (chunk: Buffer) => Buffer;

interface LinkOptions {
  /** The port on 127.0.0.1 to which connections are forwarded. */
  readonly target: number;
  /** Creates the rewriter of one connection; `fault` returns its present fault. */
  readonly rewrite?: (fault: () => LinkFault) => Rewrite;
}

const HEALTHY: LinkFault = {};
/** Length of {@link LinkConnection.beginning}, in bytes. */
const BEGINNING = 512;

/** A TCP proxy on a free port of 127.0.0.1 that tests can break in many ways. */
export class Link {
  readonly #options: LinkOptions;
  readonly #server: Server;
  readonly #connections = new Set<ProxiedConnection>();
  #fault: LinkFault = HEALTHY;
  #resets: NodeJS.Timeout | undefined;

  private constructor(options: LinkOptions) {
    this.#options = options;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) =>
      this.#accept(client),
    );
  }

  static async open(options: LinkOptions): Promise<Link> {
    const link = new Link(options);
    link.#server.listen(0, '127.0.0.1');
    await once(link.#server, 'listening');
    return link;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Breaks the link until the next call. An earlier fault ends. */
  break(fault: LinkFault): void {
    this.#fault = fault;
    clearInterval(this.#resets);
    if (fault.resetEveryMs !== undefined) {
      this.#resets = setInterval(() => this.#reset(), fault.resetEveryMs);
    }
    if (fault.cut === true) this.#reset();
    for (const connection of this.#connections) connection.changed();
  }

  heal(): void {
    this.break(HEALTHY);
  }

  async close(): Promise<void> {
    this.heal();
    for (const connection of this.#connections) connection.reset();
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }

  #reset(): void {
    for (const connection of this.#connections) if (this.#concerns(connection)) connection.reset();
  }

  #concerns(connection: LinkConnection): boolean {
    return this.#fault.only?.(connection) !== false;
  }

  #accept(client: Socket): void {
    // With a selection, a connection is checked once the client has sent something.
    if (this.#fault.cut === true && this.#fault.only === undefined) {
      client.on('error', () => undefined);
      client.resetAndDestroy();
      return;
    }
    const faultOf = (connection: LinkConnection) =>
      this.#concerns(connection) ? this.#fault : HEALTHY;
    const connection = new ProxiedConnection(client, this.#options, faultOf);
    this.#connections.add(connection);
    void connection.closed.then(() => this.#connections.delete(connection));
  }
}

/** One connection through a link: a socket to the client and one to the server. */
class ProxiedConnection implements LinkConnection {
  readonly closed: Promise<unknown>;
  readonly clientPort: number;
  beginning = '';
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #pipes: readonly Pipe[];
  readonly #faultOf: (connection: LinkConnection) => LinkFault;

  constructor(
    client: Socket,
    { rewrite, target }: LinkOptions,
    faultOf: (connection: LinkConnection) => LinkFault,
  ) {
    this.#client = client;
    this.#faultOf = faultOf;
    this.clientPort = client.remotePort ?? 0;
    const server = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    this.#server = server;
    const rewritten = rewrite?.(() => faultOf(this)) ?? ((chunk) => chunk);
    this.#pipes = [
      new Pipe(client, server, {
        state: () => this.#stateOf('toServer'),
        transform: (chunk) => rewritten(this.#recordBeginning(chunk)),
      }),
      new Pipe(server, client, {
        state: () => this.#stateOf('toClient'),
        transform: (chunk) => chunk,
      }),
    ];
    this.closed = Promise.all([once(client, 'close'), once(server, 'close')]);
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.on('error', () => undefined);
      one.once('close', (failed) => {
        if (failed && !other.destroyed) other.resetAndDestroy();
        else if (!other.destroyed) other.end();
      });
    }
  }

  changed(): void {
    for (const pipe of this.#pipes) pipe.changed();
  }

  reset(): void {
    for (const pipe of this.#pipes) pipe.close();
    for (const socket of [this.#client, this.#server]) {
      if (!socket.destroyed) socket.resetAndDestroy();
    }
  }

  #recordBeginning(chunk: Buffer): Buffer {
    if (this.beginning.length < BEGINNING) {
      this.beginning += chunk.toString('latin1', 0, BEGINNING - this.beginning.length);
      if (this.#faultOf(this).cut === true) queueMicrotask(() => this.reset());
    }
    return chunk;
  }

  #stateOf(direction: Direction): PipeState {
    const { blackHole, bytesPerSecond = Infinity, latencyMs = 0 } = this.#faultOf(this);
    const isHeld = blackHole === 'both' || blackHole === direction;
    return { isHeld, bytesPerSecond, latencyMs };
  }
}
