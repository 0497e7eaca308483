import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import { namesHost } from './host.ts';

/** The arguments of an `upgrade` listener. */
export interface UpgradeEvent {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** Bytes that arrived after the head of the request. */
  readonly head: Buffer;
}

/**
 * Node drops further header fields once it has read this many names and values, so the head of such a request cannot be
 * written again (`MAX_HEADER_PAIRS` in Node's `_http_common.js`).
 */
const MAX_RAW_HEADERS = 2_000;
/** Fields that ask for the upgrade (RFC 9110 §7.8, RFC 7540 §3.2.1). */
const UPGRADE_FIELDS = new Set(['upgrade', 'http2-settings']);
const TOO_MANY_FIELDS =
  'HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n';

/** The response to the last request of each connection. */
const lastResponses = new WeakMap<Duplex, ServerResponse>();

/** Called with each request before it is served, which may be later. */
export function noteResponse({ socket }: IncomingMessage, response: ServerResponse): void {
  lastResponses.set(socket, response);
}

/**
 * Calls `handle` for each request that asks for a WebSocket, and answers all others over HTTP/1.1 although they ask for
 * an upgrade, as RFC 9110 §7.8 allows. Java's `HttpClient` sends `Upgrade: h2c` with each request, and Node gives every
 * such request to the `upgrade` listener once there is one. If there is a `path`, a request for a WebSocket whose URL
 * does not begin with it is answered over HTTP/1.1 too, and so is one without a valid `Host`, which is refused there.
 */
export function listenForWebSockets(
  server: Server,
  handle: (event: UpgradeEvent) => void,
  path = '',
): void {
  server.prependListener('request', noteResponse);
  server.on('upgrade', (request, socket: Duplex, head) => {
    const event = { request, socket, head };
    const isWebSocket = request.headers.upgrade?.toLowerCase() === 'websocket';
    if (isWebSocket && (request.url ?? '').startsWith(path) && namesHost(request)) {
      handle(event);
      return;
    }
    // The answer to an earlier request of the connection must be written first.
    const earlier = lastResponses.get(socket);
    if (earlier === undefined || earlier.closed) serveWithoutUpgrade(server, event);
    else earlier.once('close', () => serveWithoutUpgrade(server, event));
  });
}

/**
 * Puts the head of the request back in front of the connection, without the fields that ask for the upgrade, and gives
 * the connection to the server as a new one: framing, limits and keep-alive are those of any other request.
 */
function serveWithoutUpgrade(server: Server, { head, request, socket }: UpgradeEvent): void {
  if (socket.destroyed) return;
  if (request.rawHeaders.length >= MAX_RAW_HEADERS) {
    socket.on('error', () => undefined);
    socket.end(TOO_MANY_FIELDS);
    return;
  }
  if (socket instanceof Socket) socket.setTimeout(server.timeout);
  if (head.length > 0) socket.unshift(head);
  socket.unshift(Buffer.from(headWithoutUpgrade(request), 'latin1'));
  server.emit('connection', socket);
}

function headWithoutUpgrade({ httpVersion, method, rawHeaders, url }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const [name = '', value = ''] = rawHeaders.slice(index, index + 2);
    const field = name.toLowerCase();
    if (UPGRADE_FIELDS.has(field)) continue;
    lines.push(`${name}: ${field === 'connection' ? connectionWithoutUpgrade(value) : value}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function connectionWithoutUpgrade(value: string): string {
  return value
    .split(',')
    .map((option) => option.trim())
    .filter((option) => option !== '' && !UPGRADE_FIELDS.has(option.toLowerCase()))
    .join(', ');
}
