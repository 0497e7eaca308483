import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { AppError, type RateLimit } from '@parley/common';

import { Turns } from '../limits/turns.ts';
import { addressGroup } from './address.ts';
import { isTrustedProxy, requestAddress } from './client-address.ts';
import { chargeConnection, type Limited } from './connection-limits.ts';
import { problemOf } from './problem.ts';
import { chooseRequestId } from './request-id.ts';
import { noteResponse } from './upgrades.ts';

/** How many requests one address (IPv6: one /64) may send, whatever they ask for. */
export interface RequestLimits {
  /** Addresses or ranges whose `x-forwarded-for` is believed, and whose own requests are not limited. */
  readonly trustedProxies: readonly string[];
  /** Default: 200 requests a second with a burst of 400. */
  readonly rate?: RateLimit;
  /** Called for each request that has to wait, or whose connection is cut. */
  readonly onLimited?: (outcome: Limited) => void;
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

const PER_ADDRESS: RateLimit = { perSecond: 200, burst: 400 };
/** Requests of one address that are begun in a turn: a page with all its files takes a few turns. */
const PER_TURN = 8;
/**
 * Requests of a connection without an answer. Browsers send the next one after the answer to the one before; a connection
 * that sends hundreds in one packet would make the parser process all of them before anything else runs.
 */
const UNANSWERED = 16;
/** A connection that is cut counts as this many, those of half a second: parsing a packet of requests takes 20 ms. */
const CUT = 100;
/**
 * Requests of one address that wait. A direct client has as many connections at most, so only clients of a proxy reach
 * it, where each request costs no connection.
 */
const WAITING = 1_500;

/** Limits the requests of a server by the address that they come from: those that come too fast wait. */
export class LimitedRequests {
  readonly #limits: RequestLimits;
  readonly #turns: Turns;
  readonly #serve: Listener;
  readonly #unanswered = new WeakMap<Socket, number>();
  readonly #waiting = new Set<Socket>();

  /** @param serve - called with each request when it is its turn */
  constructor(limits: RequestLimits, serve: Listener) {
    this.#limits = limits;
    this.#turns = new Turns({ rate: limits.rate ?? PER_ADDRESS, perTurn: PER_TURN });
    this.#serve = serve;
  }

  /** Serves a request, now or later, or cuts its connection. */
  readonly accept = (request: IncomingMessage, response: ServerResponse): void => {
    const { socket } = request;
    if (socket.destroyed) return;
    noteResponse(request, response);
    if (this.#countUnanswered(socket, response) > UNANSWERED) {
      this.#limits.onLimited?.('cut');
      chargeConnection(socket, CUT);
      socket.destroy();
      return;
    }
    const key = this.#keyOf(request);
    if (key === undefined) this.#serve(request, response);
    else if (this.#turns.waiting(key) >= WAITING) refuse(request, response);
    else this.#enter(key, request, response);
  };

  /** Cuts the connections whose requests wait. */
  close(): void {
    this.#turns.close();
    for (const socket of this.#waiting) socket.destroy();
  }

  #enter(key: string, request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const begin = (): void => {
      this.#waiting.delete(socket);
      // Node closes only the first response of a connection that ends.
      if (!socket.destroyed) this.#serve(request, response);
    };
    if (!this.#turns.enter(key, begin)) return;
    this.#limits.onLimited?.('delayed');
    this.#waiting.add(socket);
    response.once('close', () => {
      this.#turns.leave(key, begin);
      this.#waiting.delete(socket);
    });
  }

  /** Counts a request of a connection until it is answered. Returns the number of those that are not. */
  #countUnanswered(socket: Socket, response: ServerResponse): number {
    const unanswered = (this.#unanswered.get(socket) ?? 0) + 1;
    this.#unanswered.set(socket, unanswered);
    response.once('close', () => {
      this.#unanswered.set(socket, (this.#unanswered.get(socket) ?? 1) - 1);
    });
    return unanswered;
  }

  /** The group of the client's address; `undefined` for a request of a proxy itself. */
  #keyOf(request: IncomingMessage): string | undefined {
    const { trustedProxies } = this.#limits;
    const address = requestAddress(request, trustedProxies);
    return isTrustedProxy(address, trustedProxies) ? undefined : addressGroup(address);
  }
}

/** Limits the requests of a server, before its listeners see them. Call it after the listeners were added. */
export function limitRequests(server: Server, limits: RequestLimits): LimitedRequests {
  const listeners = server.listeners('request');
  server.removeAllListeners('request');
  const limited = new LimitedRequests(limits, (request, response) => {
    for (const listener of listeners) Reflect.apply(listener, server, [request, response]);
  });
  server.on('request', limited.accept);
  return limited;
}

function refuse(request: IncomingMessage, response: ServerResponse): void {
  const requestId = chooseRequestId(String(request.headers['x-request-id'] ?? ''));
  const error = new AppError('rate_limited', 'Too many requests from this address are waiting', {
    retryAfterMs: 5_000,
  });
  const { body, headers, status } = problemOf(error, requestId);
  response.writeHead(status, { ...headers, 'cache-control': 'no-store' }).end(body);
}
