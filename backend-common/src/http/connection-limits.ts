import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { SECOND, type RateLimit } from '@parley/common';

import { TURN, Turns } from '../limits/turns.ts';
import { addressGroup } from './address.ts';
import { isTrustedProxy } from './client-address.ts';

/** How many connections one address (IPv6: one /64) may have, and how fast it may open them. */
export interface ConnectionLimits {
  /** Addresses or ranges that are not limited: many clients are behind each. */
  readonly trustedProxies: readonly string[];
  /** Open connections, those that wait included. Default 1,500. */
  readonly most?: number;
  /** New connections. Default: 200 a second with a burst of 500, which is served at up to 400 a second. */
  readonly rate?: RateLimit;
  /** Called for each connection that has to wait or is cut. */
  readonly onLimited?: (outcome: Limited) => void;
}

/** What happened to a connection or a request: `delayed` waits for its turn, `cut` was closed without an answer. */
export type Limited = 'delayed' | 'cut';

/**
 * Connections from one address, sockets included. This is more than the limit of sockets from an address, so sockets are
 * refused with a reason first.
 */
const PER_ADDRESS = 1_500;
/** With {@link PER_ADDRESS} and {@link PER_TURN}, the longest wait is 5 s, shorter than the timeout of clients. */
const NEW_PER_ADDRESS: RateLimit = { perSecond: 200, burst: 500 };
/** Connections of one address that are served in a turn, unless its rate is higher. */
const PER_TURN = 2;
/** Most addresses whose group is remembered. */
const REMEMBERED = 10_000;

/** Charges the address of a connection, if it is limited. */
const charges = new WeakMap<Socket, (connections: number) => void>();

/**
 * Counts a connection as several of its address, because of what it has sent: its address opens fewer from then on. The
 * address of a trusted proxy is not charged.
 */
export function chargeConnection(socket: Socket, connections: number): void {
  charges.get(socket)?.(connections);
}

/**
 * Limits the connections of a server by the address that they come from. Those that come too fast wait before anything
 * is parsed. They are not closed: a client that is closed at once connects again at once, and each connection that is
 * accepted and closed costs the same again.
 */
export class LimitedConnections {
  readonly #limits: ConnectionLimits;
  readonly #most: number;
  readonly #turns: Turns;
  readonly #serve: (socket: Socket) => void;
  /** Open connections by group. */
  readonly #open = new Map<string, Set<Socket>>();
  readonly #waiting = new Set<Socket>();
  /** Group by address, `null` for a trusted proxy: parsing an address costs more than closing its connection. */
  readonly #keys = new Map<string, string | null>();

  /** @param serve - called with each connection when it is its turn */
  constructor(limits: ConnectionLimits, serve: (socket: Socket) => void) {
    const { most = PER_ADDRESS, rate = NEW_PER_ADDRESS } = limits;
    this.#limits = limits;
    this.#most = most;
    const perTurn = Math.max(PER_TURN, Math.ceil((rate.perSecond * TURN) / SECOND));
    this.#turns = new Turns({ rate, perTurn });
    this.#serve = serve;
  }

  /** Serves a connection that was accepted, now or later, or cuts it. */
  readonly accept = (socket: Socket): void => {
    const { remoteAddress } = socket;
    // The client has gone already.
    if (remoteAddress === undefined) {
      socket.destroy();
      return;
    }
    const key = this.#keyOf(remoteAddress);
    const open = key === null ? undefined : this.#openOf(key);
    // Node emits a connection a second time after an upgrade that was not accepted.
    if (key === null || open === undefined || open.has(socket)) this.#serve(socket);
    else if (open.size >= this.#most) this.#cut(socket);
    else this.#enter(socket, key, open);
  };

  /** Cuts the connections that wait. */
  close(): void {
    this.#turns.close();
    for (const socket of this.#waiting) socket.destroy();
  }

  #enter(socket: Socket, key: string, open: Set<Socket>): void {
    open.add(socket);
    this.#open.set(key, open);
    charges.set(socket, (connections) => this.#turns.charge(key, connections));
    const begin = (): void => {
      this.#waiting.delete(socket);
      socket.off('error', ignore);
      this.#serve(socket);
    };
    socket.once('close', () => {
      open.delete(socket);
      this.#waiting.delete(socket);
      this.#turns.leave(key, begin);
      if (open.size === 0) this.#open.delete(key);
    });
    if (!this.#turns.enter(key, begin)) return;
    this.#limits.onLimited?.('delayed');
    socket.on('error', ignore);
    this.#waiting.add(socket);
  }

  #cut(socket: Socket): void {
    this.#limits.onLimited?.('cut');
    socket.destroy();
  }

  #openOf(key: string): Set<Socket> {
    return this.#open.get(key) ?? new Set();
  }

  #keyOf(address: string): string | null {
    const known = this.#keys.get(address);
    if (known !== undefined) return known;
    const isProxy = isTrustedProxy(address, this.#limits.trustedProxies);
    const key = isProxy ? null : addressGroup(address);
    if (this.#keys.size >= REMEMBERED) this.#keys.clear();
    this.#keys.set(address, key);
    return key;
  }
}

/** Limits the connections of a server, before its listeners see them. Call it after the listeners were added. */
export function limitConnections(server: Server, limits: ConnectionLimits): LimitedConnections {
  const listeners = server.listeners('connection');
  server.removeAllListeners('connection');
  const limited = new LimitedConnections(limits, (socket) => {
    for (const listener of listeners) Reflect.apply(listener, server, [socket]);
  });
  server.on('connection', limited.accept);
  return limited;
}

function ignore(): void {
  // The client broke the connection before it was served.
}
