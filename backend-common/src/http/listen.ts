import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { SECOND } from '@parley/common';

/** Longer than the proxies before us keep idle connections, so that none sends a request into one that closes. */
const KEEP_ALIVE = 65 * SECOND;

const connections = new WeakMap<Server, Set<Socket>>();

/** Listens and answers the URL, without a slash at the end. @throws when the port is in use */
export async function listen(server: Server, at: { host: string; port: number }): Promise<string> {
  server.keepAliveTimeout = KEEP_ALIVE;
  watchConnections(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(at.port, at.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  return `http://${at.host.includes(':') ? `[${at.host}]` : at.host}:${port}`;
}

/** Stops listening, lets requests under way finish for `grace` milliseconds, then cuts what is left. */
export function closeServer(server: Server, grace = 5_000): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), grace);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
    // Browsers open connections ahead of need, and Node counts one that has carried nothing yet as busy.
    for (const socket of connections.get(server) ?? []) {
      if (socket.bytesRead === 0) socket.destroy();
    }
  });
}

function watchConnections(server: Server): void {
  const sockets = new Set<Socket>();
  connections.set(server, sockets);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
}
