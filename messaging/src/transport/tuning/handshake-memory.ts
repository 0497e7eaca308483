import { Socket } from 'node:net';

import type { ClientSocket } from '../server/socket.ts';

const NOTHING = Object.freeze({});
const NO_LINES: string[] = [];
/** Where Node keeps the timer of `socket.setTimeout`. */
const TIMER = Object.getOwnPropertySymbols(new Socket()).find(
  ({ description }) => description === 'timeout',
);

/**
 * The tuned way: drops headers, query, token and an unused timer, which Socket.IO would keep for as long as the connection lasts. The
 * raw request stays, because Engine.IO refers to it.
 */
export function forgetHandshake({ handshake, request }: ClientSocket): void {
  request.headers = NOTHING;
  request.rawHeaders = NO_LINES;
  handshake.headers = NOTHING;
  handshake.auth = NOTHING;
  handshake.query = NOTHING;
  forgetTimer(request.socket);
}

/** Drops the timer that an HTTP server has set, and that `ws` has cleared: Node would keep it with the socket. */
function forgetTimer(socket: Socket): void {
  if (TIMER !== undefined && socket.timeout === 0) Reflect.set(socket, TIMER, null);
}

/** The plain way: Socket.IO keeps the handshake. */
export function keepHandshake(): void {
  // Nothing to do.
}
