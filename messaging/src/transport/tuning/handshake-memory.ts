import type { ClientSocket } from '../server/socket.ts';

const NOTHING = Object.freeze({});
const NO_LINES: string[] = [];

/**
 * The tuned way: drops headers, query and token, which Socket.IO would keep for as long as the connection lasts. The
 * raw request stays, because Engine.IO refers to it.
 */
export function forgetHandshake({ handshake, request }: ClientSocket): void {
  request.headers = NOTHING;
  request.rawHeaders = NO_LINES;
  handshake.headers = NOTHING;
  handshake.auth = NOTHING;
  handshake.query = NOTHING;
}

/** The plain way: Socket.IO keeps the handshake. */
export function keepHandshake(): void {
  // Nothing to do.
}
