import { AppError, CLIENT_LIMITS } from '@parley/common';
import type { EventName, EventPayload, OperationName } from '@parley/common/contract';
import type { Socket } from 'socket.io-client';

import type { ConnectionEvents, ServerEvents } from './connection-events.ts';
import type { ConnectionState, WaitReason } from './connection-state.ts';
import { Emitter } from './emitter.ts';
import type { Input } from './input.ts';
import type { Platform } from './platform.ts';
import type { Cancel, Runtime } from './runtime.ts';
import { isSessionOver } from './session-over.ts';
import { Signal } from './signal.ts';
import { type ConnectionOptions, onConnectError, openSocket } from './socket.ts';

/** Milliseconds after which a connection counts as stable: the back-off then starts from the beginning. */
const GOOD_AFTER = 5_000;
// Once a server has accepted the client, the next attempt follows within a second, even in a network that breaks each
// connection soon.
const FAILURES_WHEN_READY = 2;

export interface ConnectionDeps extends ConnectionOptions {
  readonly runtime: Pick<Runtime, 'backoff' | 'delay' | 'now'>;
  readonly platform: Pick<Platform, 'isOnline'>;
}

/** Keeps one connection open: it connects, notices when the connection breaks, waits and connects again. */
export class Connection {
  readonly state: Signal<ConnectionState>;
  /** Events of the server, after the connection itself has handled them. */
  readonly server = new Emitter<ServerEvents>();
  readonly events = new Emitter<ConnectionEvents>();
  readonly #deps: ConnectionDeps;
  #state: ConnectionState = { status: 'idle' };
  #socket: Socket | null = null;
  #timer: Cancel = () => undefined;
  #attempt = 0;
  #run = 0;
  /** When to leave a server that has announced that it stops; 0 if it has not. */
  #leaveAt = 0;
  #refusedToken: string | undefined;
  #pollsFirst = false;
  /** Whether the last attempt has shown that the server can be reached, but not by WebSocket. */
  #isBlocked = false;

  constructor(deps: ConnectionDeps) {
    this.#deps = deps;
    this.state = new Signal(() => this.#state);
    this.server.on('ready', (event) => this.#ready(event));
    this.server.on('session:closed', ({ code, reconnect }) => {
      if (!reconnect) this.#leave({ status: 'signed-out', code });
    });
    this.server.on('server:draining', ({ reconnectInMs }) => {
      this.#leaveAt = deps.runtime.now() + reconnectInMs;
      this.#connectIn(reconnectInMs);
    });
  }

  get isOnline(): boolean {
    return this.#state.status === 'online';
  }

  /** Whether it is connected or trying to connect. */
  get isStarted(): boolean {
    return this.#state.status !== 'idle' && this.#state.status !== 'signed-out';
  }

  /** Connects once `prepared` has settled, and stays connected. */
  start(prepared: Promise<void>): void {
    if (this.isStarted) return;
    this.#attempt = 0;
    this.#refusedToken = undefined;
    void this.#connect(prepared);
  }

  stop(): void {
    this.#leave({ status: 'idle' });
  }

  /** Connects now instead of at the next attempt. */
  reconnect(): void {
    if (this.#state.status === 'waiting') void this.#connect();
  }

  /** Replaces a connection on which no answers arrive. */
  replace(): void {
    if (!this.isOnline) return;
    this.#attempt += 1;
    void this.#connect();
  }

  setSynced(): void {
    if (this.isOnline) this.#set({ status: 'online', synced: true });
  }

  /** Sends a request; `false` if there is no connection. `ack` may never be called. */
  emit<Name extends OperationName>(
    name: Name,
    input: Input<Name>,
    ack?: (answer: unknown) => void,
  ): boolean {
    if (!this.isOnline || !this.#socket) return false;
    this.#socket.emit(name, input, ...(ack ? [ack] : []));
    return true;
  }

  async #connect(prepared?: Promise<void>): Promise<void> {
    const { runtime } = this.#deps;
    const run = this.#begin();
    this.#leaveAt = 0;
    this.#set({ status: 'connecting', attempt: this.#attempt + 1 });
    let isAnswered = false;
    try {
      await prepared;
      if (run !== this.#run) return;
      // The timeout includes the credentials and the server's `ready`, and is shorter than Socket.IO's own.
      this.#timer = runtime.delay(CLIENT_LIMITS.clientAck, () => {
        this.#pollsFirst = true;
        this.#wait(isAnswered && this.#isBlocked ? 'blocked' : 'unreachable');
      });
      const token = await this.#deps.credentials();
      if (run !== this.#run) return;
      isAnswered = true;
      if (token === this.#refusedToken) throw new AppError('unauthenticated');
      this.#open(token);
    } catch (thrown) {
      if (run === this.#run) this.#refused(thrown);
    }
  }

  #open(token: string): void {
    const run = this.#run;
    const isCurrent = () => run === this.#run;
    const socket = openSocket(this.#deps, token, this.#transports);
    this.#socket = socket;
    onConnectError(socket, ({ refusal, isBlocked }) => {
      if (!isCurrent()) return;
      if (refusal) this.#refused(refusal, token);
      else this.#failed(isBlocked);
    });
    socket.on('disconnect', () => {
      if (isCurrent()) this.#wait(this.#leaveAt ? 'draining' : 'unreachable');
    });
    socket.onAny((name: EventName, payload: EventPayload<EventName>) => {
      if (isCurrent()) this.server.emit(name, payload);
    });
  }

  /**
   * WebSocket first. Some proxies refuse it: after a failed attempt, HTTP long polling is tried as well. Others do not
   * answer: after a timeout, polling is tried first until it fails, and Socket.IO upgrades it if it can.
   */
  get #transports(): string[] {
    if (this.#pollsFirst) return ['polling', 'websocket'];
    return this.#attempt > 0 ? ['websocket', 'polling'] : ['websocket'];
  }

  #ready(event: EventPayload<'ready'>): void {
    this.#timer();
    this.#refusedToken = undefined;
    this.#isBlocked = false;
    this.#attempt = Math.min(this.#attempt, FAILURES_WHEN_READY);
    this.#set({ status: 'online', synced: false });
    this.#timer = this.#deps.runtime.delay(GOOD_AFTER, () => {
      this.#attempt = 0;
    });
    this.events.emit('ready', event);
  }

  #failed(isBlocked: boolean): void {
    this.#pollsFirst = false;
    this.#isBlocked = isBlocked;
    this.#wait(isBlocked ? 'blocked' : 'unreachable');
  }

  /**
   * A ticket may expire before it reaches the server, so one more attempt follows a refused token. The
   * client is signed out if that attempt gets no other token or is refused too.
   */
  #refused(thrown: unknown, token?: string): void {
    const error = thrown instanceof AppError ? thrown : null;
    if (error && isSessionOver(error)) {
      if (!token || this.#refusedToken) {
        this.#leave({ status: 'signed-out', code: error.code });
        return;
      }
      this.#refusedToken = token;
    }
    this.#wait(error ? 'refused' : 'unreachable', error?.retryAfterMs);
  }

  #wait(reason: WaitReason, atLeast = 0): void {
    const { runtime, platform } = this.#deps;
    this.#begin();
    let ms = this.#leaveAt - runtime.now();
    if (reason !== 'draining') {
      this.#attempt += 1;
      ms = Math.max(atLeast, runtime.backoff(this.#attempt));
    }
    this.#set({
      status: 'waiting',
      reason: platform.isOnline?.() === false ? 'offline' : reason,
      attempt: this.#attempt,
      retryAt: runtime.now() + ms,
    });
    this.#connectIn(ms);
  }

  #connectIn(ms: number): void {
    this.#timer();
    this.#timer = this.#deps.runtime.delay(ms, () => void this.#connect());
  }

  #leave(state: ConnectionState): void {
    this.#begin();
    this.#set(state);
    if (state.status === 'signed-out') this.events.emit('signedOut');
  }

  /** Ends the attempt or connection in progress, so that it cannot change the state any more. */
  #begin(): number {
    this.#run += 1;
    this.#timer();
    this.#socket?.disconnect();
    this.#socket = null;
    const run = this.#run;
    if (this.isOnline) {
      this.#set({ status: 'connecting', attempt: this.#attempt + 1 });
      this.events.emit('lost');
    }
    return run;
  }

  #set(state: ConnectionState): void {
    this.#state = state;
    this.state.invalidate();
  }
}
