import type { GatewayServer, GatewaySocket } from './gateway-socket.ts';

type Connection = GatewaySocket['conn'];

/**
 * Lets all frames that wait for a client leave in one system call. The WebSocket library hands each frame to the
 * kernel by itself, and that call costs more than everything else that is done for a message; after a round of group
 * commit several acknowledgements and entries wait for the same client.
 */
export function writeTogether({ engine }: Pick<GatewayServer, 'engine'>): void {
  // Engine.IO tells of both within one turn: right before it hands over the frames, and right after.
  engine.on('flush', (connection: Connection, packets: readonly unknown[]) => {
    if (packets.length > 1 && isWebSocket(connection)) connection.request.socket.cork();
  });
  engine.on('drain', (connection: Connection) => {
    if (isWebSocket(connection)) connection.request.socket.uncork();
  });
}

/** Of a connection that polls, `request` is the poll of the moment. */
function isWebSocket({ transport }: Connection): boolean {
  return transport.name === 'websocket';
}
