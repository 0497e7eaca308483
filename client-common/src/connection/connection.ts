import { AppError, type ErrorBody, LIMITS } from '@parley/common';
import type { EventName, EventPayload } from '@parley/common/contract';
import { io, type Socket } from 'socket.io-client';

import type { ConnectionState, WaitReason } from '../api/connection.ts';
import type { Context } from '../context.ts';
import type { Cancel } from '../runtime.ts';
import { Signal } from '../store/signal.ts';
import { backoff } from './backoff.ts';
import { fromBody, isSignedOut } from './error-body.ts';

/** The revision of the contract that this client is written for. */
export const CONTRACT_REVISION = 7;

/** A connection that lasted this long was a good one: the back-off begins anew after it. */
const GOOD_AFTER = 5_000;

/** Longer than any of our own time-outs. */
const CONNECT_NEVER = 10 * LIMITS.clientAck;

export interface ConnectionContext extends Pick<Context, 'runtime' | 'options'> {
  /** An event has come; the connection itself has taken note of it. */
  heard<Name extends EventName>(name: Name, payload: EventPayload<Name>): void;
  /** The connection broke, or was given up. */
  lost(): void;
  /** The session is over. */
  signedOut(): void;
}

/**
 * One connection that is kept up: it connects, notices what broke, waits and connects again. Socket.IO's
 * own reconnection is off, because it stops for good after a refused handshake.
 */
export class Connection {
  readonly state: Signal<ConnectionState>;
  readonly #context: ConnectionContext;
  #state: ConnectionState = { status: 'idle' };
  #socket: Socket | null = null;
  #timer: Cancel = () => undefined;
  #attempt = 0;
  #run = 0;
  #drainMs: number | null = null;
  #refusedToken: string | null = null;

  constructor(context: ConnectionContext) {
    this.#context = context;
    this.state = new Signal(() => this.#state);
  }

  get isOnline(): boolean {
    return this.#state.status === 'online';
  }

  /** Whether it is connected or trying to be. */
  get isWanted(): boolean {
    return this.#state.status !== 'idle' && this.#state.status !== 'signed-out';
  }

  start(): void {
    if (!this.isWanted) this.#restart();
  }

  stop(): void {
    this.#leave({ status: 'idle' });
  }

  /** Connects now instead of at the next attempt. */
  reconnect(): void {
    if (this.#state.status === 'waiting') void this.#connect();
  }

  /** Gives the present connection up and makes another at once: it hangs. */
  replace(): void {
    if (!this.isOnline) return;
    this.#dropSocket();
    this.#attempt += 1;
    void this.#connect();
  }

  setSynced(): void {
    if (this.isOnline) this.#set({ status: 'online', synced: true });
  }

  /** Sends an event; `false` when there is no connection. `ack` may never come. */
  emit(name: string, input: unknown, ack?: (answer: unknown) => void): boolean {
    if (!this.isOnline || this.#socket === null) return false;
    this.#socket.emit(name, input, ...(ack ? [ack] : []));
    return true;
  }

  #restart(): void {
    this.#attempt = 0;
    this.#refusedToken = null;
    void this.#connect();
  }

  async #connect(): Promise<void> {
    const run = this.#begin();
    this.#set({ status: 'connecting', attempt: this.#attempt + 1 });
    this.#timer = this.#context.runtime.delay(LIMITS.clientAck, () => this.#wait('unreachable'));
    try {
      const token = await this.#context.options.credentials();
      if (run !== this.#run) return;
      if (token === this.#refusedToken) throw new AppError('unauthenticated');
      this.#open(token);
    } catch (thrown) {
      if (run === this.#run) this.#refused(thrown, null);
    }
  }

  #open(token: string): void {
    const run = this.#run;
    const { url, path = '/socket.io' } = this.#context.options;
    const socket = io(url, {
      path,
      transports: ['websocket'],
      auth: { token, sync: 'heads', contract: CONTRACT_REVISION },
      forceNew: true,
      reconnection: false,
      autoConnect: false,
      // Ours covers the credentials and the server's `ready` too.
      timeout: CONNECT_NEVER,
    });
    this.#socket = socket;
    const current = () => run === this.#run;
    socket.on('connect_error', (error: Error & { data?: Partial<ErrorBody> }) => {
      if (!current()) return;
      if (error.data === undefined) this.#wait('unreachable');
      else this.#refused(fromBody(error.data), token);
    });
    socket.on('disconnect', () => {
      if (current()) this.#wait(this.#drainMs === null ? 'unreachable' : 'draining');
    });
    socket.onAny((name: EventName, payload: EventPayload<EventName>) => {
      if (current()) this.#heard(name, payload);
    });
    socket.connect();
  }

  #heard(name: EventName, payload: EventPayload<EventName>): void {
    if (name === 'ready') this.#ready();
    if (name === 'session:closed') {
      const { code, reconnect } = payload as EventPayload<'session:closed'>;
      if (!reconnect) this.#leave({ status: 'signed-out', code });
    }
    if (name === 'server:draining') {
      this.#drainMs = (payload as EventPayload<'server:draining'>).reconnectInMs;
    }
    this.#context.heard(name, payload);
  }

  #ready(): void {
    this.#timer();
    this.#refusedToken = null;
    this.#set({ status: 'online', synced: false });
    this.#timer = this.#context.runtime.delay(GOOD_AFTER, () => {
      this.#attempt = 0;
    });
  }

  /**
   * A ticket may have expired on the way, so a refused token is followed by one more attempt, and the
   * client is signed out when that has no other token or is refused too.
   */
  #refused(thrown: unknown, token: string | null): void {
    const error = thrown instanceof AppError ? thrown : null;
    if (error !== null && isSignedOut(error)) {
      if (token === null || this.#refusedToken !== null) {
        this.#leave({ status: 'signed-out', code: error.code });
        return;
      }
      this.#refusedToken = token;
    }
    this.#wait(error === null ? 'unreachable' : 'refused', error?.retryAfterMs);
  }

  #wait(reason: WaitReason, atLeast = 0): void {
    const { runtime } = this.#context;
    this.#begin();
    this.#attempt += 1;
    const ms = this.#drainMs ?? Math.max(atLeast, backoff(this.#attempt, runtime.platform.random));
    this.#drainMs = null;
    this.#set({
      status: 'waiting',
      reason: runtime.platform.isOnline?.() === false ? 'offline' : reason,
      attempt: this.#attempt,
      retryAt: runtime.now() + ms,
    });
    this.#timer = runtime.delay(ms, () => void this.#connect());
  }

  #leave(state: ConnectionState): void {
    this.#begin();
    this.#drainMs = null;
    this.#set(state);
    if (state.status === 'signed-out') this.#context.signedOut();
  }

  /** Ends whatever was under way, so that nothing of it can change the state any more. */
  #begin(): number {
    this.#run += 1;
    this.#timer();
    this.#dropSocket();
    return this.#run;
  }

  #dropSocket(): void {
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.off();
    socket.offAny();
    socket.disconnect();
    if (this.isOnline) {
      this.#set({ status: 'connecting', attempt: this.#attempt + 1 });
      this.#context.lost();
    }
  }

  #set(state: ConnectionState): void {
    this.#state = state;
    this.state.invalidate();
  }
}
