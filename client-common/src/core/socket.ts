import { type AppError, type ErrorBody, fromErrorBody } from '@parley/common';
import { io, type Socket } from 'socket.io-client';

/** The revision of the contract that this client is written for. */
export const CONTRACT_REVISION = 13;

/** Where to connect, and as whom. */
export interface ConnectionOptions {
  /** Origin of the server, such as `https://chat.example.org`; in a browser '' is the page's own. */
  readonly url: string;
  /** Path of the Socket.IO endpoint. Default `/socket.io`. */
  readonly path?: string;
  /**
   * The token of the next handshake: a session token, or a fresh ticket each time. Reject with an
   * `AppError` of code `unauthenticated` or `session_expired` when there is no session; any other
   * failure is retried.
   */
  readonly credentials: () => Promise<string>;
}

/** The status with which a server that allows only WebSockets answers long polling. */
const POLLING_REFUSED = 400;

/** Why a handshake failed. */
interface HandshakeFailure {
  /** What the server answered, if it did. */
  readonly refusal: AppError | null;
  /** Whether the server refused long polling after no WebSocket could be opened. */
  readonly isBlocked: boolean;
}

/** Opens a socket for one attempt; it does not reconnect by itself. */
export function openSocket(
  { url, path = '/socket.io' }: ConnectionOptions,
  token: string,
  transports: string[],
): Socket {
  return io(url === '' ? pageOrigin() : url, {
    path,
    transports,
    // An attempt that begins with polling only finds out whether the server allows it.
    tryAllTransports: transports[0] === 'websocket',
    auth: { token, sync: 'heads', contract: CONTRACT_REVISION },
    forceNew: true,
    // Socket.IO's own reconnection stops for good after a refused handshake.
    reconnection: false,
  });
}

/** Named explicitly, because Socket.IO adds a second pair of brackets where a page's host is an address of IPv6. */
function pageOrigin(): string {
  const { location } = globalThis as { readonly location?: { readonly origin: string } };
  return location?.origin ?? '';
}

/** Calls `listener` when the handshake of a socket fails. */
export function onConnectError(
  socket: Socket,
  listener: (failure: HandshakeFailure) => void,
): void {
  type Thrown = Error & { data?: Partial<ErrorBody>; description?: unknown };
  socket.on('connect_error', ({ data, description }: Thrown) => {
    const refusal = data ? fromErrorBody(data) : null;
    listener({ refusal, isBlocked: description === POLLING_REFUSED });
  });
}
