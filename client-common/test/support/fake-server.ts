import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

import { AppError, LIMITS, toAppError } from '@parley/common';
import { CONTRACT, type OperationName } from '@parley/common/contract';
import { Server, type Socket } from 'socket.io';

import { fakeOperations, type SentEvent } from './operations.ts';
import { type World } from './world.ts';

/** One request as it arrived. */
export interface Call {
  readonly name: OperationName;
  readonly input: Readonly<Record<string, unknown>>;
  readonly userId: string;
}

/** What happens to a request: it is answered, carried out without an answer, ignored, or refused with an error. */
export type Outcome = 'answer' | 'drop-answer' | 'ignore' | AppError;

/**
 * A server that speaks the contract over real Socket.IO and keeps everything in memory. Tests decide
 * the outcome of each request and handshake, and send events to sockets.
 */
export class FakeServer {
  readonly world: World;
  readonly calls: Call[] = [];
  /** The outcome of each request. */
  outcome: (call: Call) => Outcome | Promise<Outcome> = () => 'answer';
  /** Holds back an answer, ready as it is: what happens meanwhile is unknown to it. */
  held: (call: Call) => Promise<void> | undefined = () => undefined;
  /** Refuses handshakes while it returns an error. */
  refusal: (token: unknown) => AppError | null = () => null;
  /** What follows an accepted handshake; `silent` never sends `ready`. */
  welcome: 'ready' | 'silent' = 'ready';
  /** Whether `ready` says that files can be sent; absent for an old server. */
  attachments: boolean | undefined;
  /** The revision of the contract that `ready` names. */
  revision: number = CONTRACT.revision;
  /** Whether an event is delivered to sockets. */
  delivers: (event: SentEvent) => boolean = () => true;
  handshakes = 0;
  /** The transport of each handshake. */
  readonly transports: string[] = [];
  readonly #http = createServer();
  readonly #io: Server;
  readonly #hanging: Duplex[] = [];

  constructor(world: World) {
    this.world = world;
    this.#io = new Server(this.#http, {
      transports: ['websocket'],
      maxHttpBufferSize: LIMITS.frameBytes,
      serveClient: false,
    });
    this.#io.use((socket, next) => {
      this.handshakes += 1;
      this.transports.push(socket.conn.transport.name);
      const error = this.refusal(socket.handshake.auth['token']);
      if (error === null) next();
      else next(Object.assign(new Error(error.code), { data: error.toBody() }));
    });
    this.#io.on('connection', (socket) => {
      this.#connected(socket);
    });
  }

  /** Starts a server over a world; several over one world are the nodes of one service. */
  static async start(world: World): Promise<FakeServer> {
    const server = new FakeServer(world);
    server.#http.listen(0, '127.0.0.1');
    await once(server.#http, 'listening');
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  /** From now on a proxy does this to WebSockets. Allows long polling unless it is `off`. Returns the function that undoes it. */
  goBehindProxy(upgrades: 'refused' | 'hanging', polling: 'on' | 'off' = 'on'): () => void {
    const { opts } = this.#io.engine as { opts: { transports: string[] } };
    if (polling === 'on') opts.transports = ['polling', 'websocket'];
    const served = this.#http.listeners('upgrade') as ((...args: unknown[]) => void)[];
    this.#http.removeAllListeners('upgrade');
    this.#http.on('upgrade', (_request, socket) => {
      if (upgrades === 'refused') socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n');
      else this.#hanging.push(socket);
    });
    return () => {
      this.#http.removeAllListeners('upgrade');
      for (const listener of served) this.#http.on('upgrade', listener);
    };
  }

  async close(): Promise<void> {
    for (const socket of this.#hanging) socket.destroy();
    await this.#io.close();
  }

  /** The sockets of a person. */
  sockets(userId: string): Socket[] {
    return [...this.#io.sockets.sockets.values()].filter((socket) => userOf(socket) === userId);
  }

  /** Does what a node does first when it stops: it names the time to leave, and refuses everything new. */
  drain(reconnectInMs: number): void {
    this.refusal = () => new AppError('unavailable');
    this.outcome = () => new AppError('unavailable');
    this.#io.emit('server:draining', { reconnectInMs });
  }

  /** Closes the connections of a user without an event. */
  cut(userId: string): void {
    for (const socket of this.sockets(userId)) socket.conn.close();
  }

  /** Requests of one kind, in order. */
  inputs(name: OperationName): Call['input'][] {
    return this.calls.filter((call) => call.name === name).map((call) => call.input);
  }

  emit(sent: SentEvent, origin?: Socket): void {
    if (!this.delivers(sent)) return;
    for (const userId of sent.userIds) {
      for (const socket of this.sockets(userId)) {
        if (sent.others !== true || socket !== origin) socket.emit(sent.event, sent.payload);
      }
    }
  }

  #connected(socket: Socket): void {
    socket.onAny((name: OperationName, input: Call['input'], ack?: (answer: unknown) => void) => {
      void this.#asked(socket, { name, input, userId: userOf(socket) }, ack);
    });
    if (this.welcome === 'silent') return;
    socket.emit('ready', {
      contract: { version: 1, revision: this.revision },
      sessionId: this.world.newId(),
      userId: userOf(socket),
      serverTime: this.world.now(),
      replaying: false,
      ...(this.attachments === undefined ? {} : { attachments: this.attachments }),
    });
  }

  async #asked(socket: Socket, call: Call, ack?: (answer: unknown) => void): Promise<void> {
    this.calls.push(call);
    const outcome = await this.outcome(call);
    if (outcome === 'ignore') return;
    const answer = this.#answerTo(socket, call, outcome);
    const held = this.held(call);
    if (held !== undefined) await held;
    if (outcome !== 'drop-answer') ack?.(answer);
  }

  #answerTo(socket: Socket, call: Call, outcome: Outcome): unknown {
    try {
      if (outcome instanceof AppError) throw outcome;
      const operation = fakeOperations[call.name];
      if (operation === undefined) throw new AppError('unknown_operation');
      const done = operation(this.world, call.input as never, call.userId);
      for (const event of done.events ?? []) this.emit(event, socket);
      return { ok: true, data: done.data };
    } catch (thrown) {
      return { ok: false, error: toAppError(thrown).toBody() };
    }
  }
}

/** Tokens are `<user id>` or `<user id>/<anything>`. */
function userOf(socket: Socket): string {
  return String(socket.handshake.auth['token']).split('/')[0] ?? '';
}
