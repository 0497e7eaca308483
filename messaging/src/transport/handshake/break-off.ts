import type { Socket } from 'node:net';
import { AppError, SECOND } from '@parley/common';

import type { ClientSocket } from '../server/socket.ts';

type Connection = ClientSocket['conn'];

/** Closes a connection at once, without reading what the client is still sending. */
export function breakOff(connection: Connection): void {
  // A polling connection has no socket of its own: its `request` is the current poll.
  const ownsSocket = connection.transport.name === 'websocket';
  const { socket } = connection.request;
  // First, so that Socket.IO handles nothing more of it.
  connection.close(true);
  if (ownsSocket) socket.destroy();
}

/** Milliseconds that a client gets to read the last answer, and for its part of the closing handshake. */
export const CLOSING = SECOND;

/** Closes a connection when what was sent has left, and breaks it off if the client does not close it too. */
export function closeSoon(connection: Connection): void {
  connection.close();
  if (connection.transport.name === 'websocket') destroyLater(connection.request.socket);
}

/**
 * Ends a connection when what was sent has left, without a closing handshake. What the client is still sending is not
 * read: it would be parsed for nothing.
 */
export function endSoon(connection: Connection): void {
  const ownsSocket = connection.transport.name === 'websocket';
  const { socket } = connection.request;
  if (ownsSocket) socket.pause();
  // The last answer leaves at the end of this turn of the event loop.
  setImmediate(() => {
    if (!ownsSocket) {
      connection.close(true);
      return;
    }
    socket.destroySoon();
    destroyLater(socket);
  });
}

function destroyLater(socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), CLOSING).unref();
  socket.once('close', () => clearTimeout(timer));
}

/**
 * A connection that has closed emits no second `close`, so it would be counted forever.
 * @throws AppError `unavailable` if it has closed
 */
export function requireOpen({ conn }: Pick<ClientSocket, 'conn'>): void {
  if (conn.readyState !== 'closed') return;
  throw new AppError('unavailable', 'The client has disconnected');
}
