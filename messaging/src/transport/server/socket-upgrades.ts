import type { Server } from 'node:http';
import { listenForWebSockets } from '@parley/backend-common';

/** Where Engine.IO expects requests for a WebSocket. */
const PATH = '/socket.io/';

/**
 * Leaves the listeners of upgrades the requests for a WebSocket at the path of Socket.IO, and answers all others over
 * HTTP/1.1. Engine.IO takes every upgrade: it refuses others at its own path, and ends connections at other paths
 * without an answer. Call it once they listen.
 */
export function limitUpgrades(server: Server): void {
  const listeners = server.listeners('upgrade');
  server.removeAllListeners('upgrade');
  listenForWebSockets(
    server,
    ({ head, request, socket }) => {
      for (const listener of listeners) Reflect.apply(listener, server, [request, socket, head]);
    },
    PATH,
  );
}
