import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { AppError } from '@parley/common';

import { problemOf } from './problem.ts';
import { chooseRequestId } from './request-id.ts';

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** A name, an IPv4 address or an IPv6 address in brackets, and a port: no path, user, blank or list. */
const HOST = /^(?:\[[0-9a-f:.]+(?:%[\w.~-]+)?\]|(?:[\w.~-]|%[0-9a-f]{2})+)(?::\d{0,5})?$/i;

/**
 * Whether a request names its host as RFC 9112 §3.2 demands: in one `Host` field, with a valid value. Node itself refuses
 * a request without the field, but not one with several, of which it shows the first, while a proxy in front may have
 * read another. A request of HTTP/1.0 needs none.
 */
export function namesHost({
  httpVersion,
  rawHeaders,
}: Pick<IncomingMessage, 'httpVersion' | 'rawHeaders'>): boolean {
  let host: string | undefined;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length !== 4 || name.toLowerCase() !== 'host') continue;
    if (host !== undefined) return false;
    host = rawHeaders[index + 1] ?? '';
  }
  return host === undefined ? httpVersion === '1.0' : HOST.test(host);
}

/** Answers 400 to each request that does not name its host, before the listeners see it. Call it once they are added. */
export function requireHost(server: Server): void {
  const listeners = server.listeners('request') as Listener[];
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (!namesHost(request)) refuse(request, response);
    else for (const listener of listeners) Reflect.apply(listener, server, [request, response]);
  });
}

function refuse(request: IncomingMessage, response: ServerResponse): void {
  const requestId = chooseRequestId(String(request.headers['x-request-id'] ?? ''));
  const error = new AppError('invalid_input', 'A request needs one valid Host header');
  const { body, headers, status } = problemOf(error, requestId);
  const closing = { 'cache-control': 'no-store', 'x-request-id': requestId, connection: 'close' };
  response.writeHead(status, { ...headers, ...closing }).end(body);
}
