import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import { chooseRequestId, problemOf } from '@parley/backend-common';
import { AppError } from '@parley/common';

import type { SocketServer } from '../server/socket.ts';

/** A request as Engine.IO passes it to its middlewares. */
type EngineRequest = IncomingMessage & { readonly _query?: { readonly sid?: string } };

/**
 * Answers 503 from now on to each request that does not belong to an open connection, so that a proxy in front passes it
 * to another node; Engine.IO refuses with a 400, which a proxy passes to the client. A polling request with an id that
 * this node does not know belongs to a client that another node has accepted meanwhile.
 */
export function refuseNewConnections({ engine }: SocketServer, onRefused: () => void): void {
  const { clients } = engine as unknown as { readonly clients: Readonly<Record<string, unknown>> };
  engine.use((request: EngineRequest, response: ServerResponse, next: () => void) => {
    const sid = request._query?.sid;
    if (sid !== undefined && Object.hasOwn(clients, sid)) {
      next();
      return;
    }
    onRefused();
    refuse(request, response);
  });
}

function refuse(request: IncomingMessage, response: ServerResponse): void {
  const requestId = chooseRequestId(String(request.headers['x-request-id']));
  const error = new AppError('unavailable', 'This node is stopping');
  const { body, headers, status } = problemOf(error, requestId);
  const sent = {
    ...headers,
    connection: 'close',
    'content-length': String(Buffer.byteLength(body)),
  };
  if (request.headers.upgrade === undefined) {
    response.writeHead(status, sent).end(body);
    return;
  }
  // What Engine.IO gives its middlewares as the response to an upgrade writes nothing.
  const lines = Object.entries(sent).map(([name, value]) => `${name}: ${value}\r\n`);
  request.socket.on('error', () => undefined);
  request.socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${body}`,
  );
}
