import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import type { Direction, LinkConnection, LinkFault } from './link-fault.ts';
import { Pipe, type PipeState } from './pipe.ts';

/** Rewrites what a client sends, command by command. */
export type Rewrite = (chunk: Buffer) => Buffer;

interface LinkOptions {
  /** The port of 127.0.0.1 that it leads to. */
  readonly target: number;
  /** Makes what rewrites one connection; `fault` answers what is wrong at the moment. */
  readonly rewrite?: (fault: () => LinkFault) => Rewrite;
}

const HEALTHY: LinkFault = {};
const BEGINNING = 512;

/** A TCP proxy on a free port of 127.0.0.1 that can break in many ways. */
export class Link {
  readonly #options: LinkOptions;
  readonly #server: Server;
  readonly #carried = new Set<Carried>();
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

  /** Breaks the link from now on, in this way alone. */
  break(fault: LinkFault): void {
    this.#fault = fault;
    clearInterval(this.#resets);
    if (fault.resetEveryMs !== undefined) {
      this.#resets = setInterval(() => this.#reset(), fault.resetEveryMs);
    }
    if (fault.cut === true) this.#reset();
    for (const carried of this.#carried) carried.changed();
  }

  heal(): void {
    this.break(HEALTHY);
  }

  async close(): Promise<void> {
    this.heal();
    for (const carried of this.#carried) carried.reset();
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }

  #reset(): void {
    for (const carried of this.#carried) if (this.#concerns(carried)) carried.reset();
  }

  #concerns(connection: LinkConnection): boolean {
    return this.#fault.only?.(connection) !== false;
  }

  #accept(client: Socket): void {
    // A connection that has said nothing yet cannot be told apart, so it is judged when it speaks.
    if (this.#fault.cut === true && this.#fault.only === undefined) {
      client.on('error', () => undefined);
      client.resetAndDestroy();
      return;
    }
    const faultOf = (connection: LinkConnection) =>
      this.#concerns(connection) ? this.#fault : HEALTHY;
    const carried = new Carried(client, this.#options, faultOf);
    this.#carried.add(carried);
    void carried.closed.then(() => this.#carried.delete(carried));
  }
}

/** One connection through a link. */
class Carried implements LinkConnection {
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
        transform: (chunk) => rewritten(this.#hear(chunk)),
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

  #hear(chunk: Buffer): Buffer {
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
