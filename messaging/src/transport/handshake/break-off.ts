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
