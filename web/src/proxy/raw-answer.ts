import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { problemOf } from '@parley/backend-common';
import type { AppError } from '@parley/common';

type Headers = Readonly<Record<string, string>>;

/** Writes the head of an answer to a connection that has left the HTTP server by an upgrade. */
export function writeHead(socket: Duplex, status: number, headers: Headers): void {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const reason = STATUS_CODES[status] ?? '';
  socket.write(`HTTP/1.1 ${status} ${reason}\r\n${lines.join('')}\r\n`, 'latin1');
}

/** Answers an upgrade without upgrading, and ends the connection. */
export function answerAndEnd(
  socket: Duplex,
  answer: { readonly status: number; readonly headers: Headers; readonly body: Buffer },
): void {
  const length = String(answer.body.length);
  writeHead(socket, answer.status, {
    ...answer.headers,
    connection: 'close',
    'content-length': length,
  });
  socket.end(answer.body);
}

/** Refuses an upgrade with the same answer as any other request. */
export function refuseUpgrade(socket: Duplex, error: AppError, requestId: string): void {
  const { body, headers, status } = problemOf(error, requestId);
  answerAndEnd(socket, {
    status,
    headers: { ...headers, 'cache-control': 'no-store', 'x-request-id': requestId },
    body: Buffer.from(body),
  });
}
