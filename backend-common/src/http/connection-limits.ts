import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { SECOND, type RateLimit } from '@parley/common';

import { TokenBuckets } from '../limits/token-buckets.ts';
import { addressGroup } from './address.ts';
import { isTrustedProxy } from './client-address.ts';

/** How many connections one address (IPv6: one /64) may have and open. */
export interface ConnectionLimits {
  /** Addresses or ranges that are not limited: many clients are behind each. */
  readonly trustedProxies: readonly string[];
  /** Open connections, those that wait included. Default 1,500. */
  readonly most?: number;
  /** New connections; default: 500 at once, then 200 a second. */
  readonly rate?: RateLimit;
  /** Called with each connection that has to wait or is cut. */
  readonly onLimited?: (outcome: LimitedConnection) => void;
}

/** What happened to a connection: `delayed` waits for its turn, `cut` was closed without an answer. */
export type LimitedConnection = 'delayed' | 'cut';

/**
 * Connections from one address, sockets included. This is more than the limit of sockets from an address, so sockets are
 * refused with a reason first.
 */
const PER_ADDRESS = 1_500;
/** With {@link PER_ADDRESS}, the longest wait is 5 s: less than what clients wait for a connection. */
const NEW_PER_ADDRESS: RateLimit = { perSecond: 200, burst: 500 };
/**
 * Milliseconds between two turns of the connections that wait. In each, an address gets what its rate gives it in that
 * time and no more: a process that is busy serves fewer connections, and other work comes in between.
 */
const TURN = 5;
/** Addresses whose group is remembered, as the kernel writes them. */
const REMEMBERED = 10_000;

interface Group {
  readonly key: string;
  readonly open: Set<Socket>;
  /** Those of `open` that nothing has been parsed of yet, in the order in which they came. */
  readonly waiting: Set<Socket>;
}

/**
 * Limits the connections of a server by the address that they come from. Those that come too fast wait before anything
 * is parsed. They are not closed: a client that is closed at once connects again at once, and each connection that is
 * accepted and closed costs the same again.
 */
export class LimitedConnections {
  readonly #limits: ConnectionLimits;
  readonly #most: number;
  readonly #rate: RateLimit;
  readonly #serve: (socket: Socket) => void;
  readonly #pace = new TokenBuckets();
  readonly #groups = new Map<string, Group>();
  readonly #waiting = new Set<Group>();
  /** Group by address, `null` for a trusted proxy: to parse an address costs more than to close the connection. */
  readonly #keys = new Map<string, string | null>();
  #turns: NodeJS.Timeout | undefined;

  /** @param serve - called with each connection when it is its turn */
  constructor(limits: ConnectionLimits, serve: (socket: Socket) => void) {
    this.#limits = limits;
    this.#most = limits.most ?? PER_ADDRESS;
    this.#rate = limits.rate ?? NEW_PER_ADDRESS;
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
    const group = key === null ? undefined : this.#groupOf(key);
    // Node emits a connection a second time after an upgrade that was not accepted.
    if (group === undefined || group.open.has(socket)) this.#serve(socket);
    else if (group.open.size >= this.#most) this.#cut(socket);
    else this.#enter(socket, group);
  };

  /** Cuts the connections that wait. */
  close(): void {
    clearInterval(this.#turns);
    for (const { waiting } of this.#waiting) {
      for (const socket of waiting) socket.destroy();
    }
  }

  #enter(socket: Socket, group: Group): void {
    const { key, open, waiting } = group;
    open.add(socket);
    this.#groups.set(key, group);
    socket.once('close', () => {
      open.delete(socket);
      waiting.delete(socket);
      if (open.size === 0) this.#groups.delete(key);
    });
    // Who waits already comes first.
    if (waiting.size === 0 && this.#pace.tryTake(key, this.#rate)) this.#serve(socket);
    else this.#delay(socket, group);
  }

  #delay(socket: Socket, group: Group): void {
    this.#limits.onLimited?.('delayed');
    socket.on('error', ignore);
    group.waiting.add(socket);
    this.#waiting.add(group);
    this.#turns ??= setInterval(() => this.#serveWaiting(), TURN).unref();
  }

  #serveWaiting(): void {
    for (const group of this.#waiting) {
      this.#serveSome(group);
      if (group.waiting.size === 0) this.#waiting.delete(group);
    }
    if (this.#waiting.size > 0) return;
    clearInterval(this.#turns);
    this.#turns = undefined;
  }

  #serveSome({ key, waiting }: Group): void {
    let left = Math.ceil((this.#rate.perSecond * TURN) / SECOND);
    for (const socket of waiting) {
      if (left === 0 || !this.#pace.tryTake(key, this.#rate)) return;
      left -= 1;
      waiting.delete(socket);
      socket.off('error', ignore);
      this.#serve(socket);
    }
  }

  #cut(socket: Socket): void {
    this.#limits.onLimited?.('cut');
    socket.destroy();
  }

  #groupOf(key: string): Group {
    return this.#groups.get(key) ?? { key, open: new Set(), waiting: new Set() };
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

/**
 * Limits the connections of a server, before any of its listeners sees one. Call it when they listen.
 */
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
  // A client that is not served yet has broken the connection off.
}
