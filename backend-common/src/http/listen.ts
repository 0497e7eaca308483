import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { MINUTE, SECOND } from '@parley/common';

import { addressGroup } from './address.ts';
import { isTrustedProxy } from './client-address.ts';

/** Longer than the proxies before us keep idle connections, so that none sends a request into one that closes. */
const KEEP_ALIVE = 65 * SECOND;

const connections = new WeakMap<Server, Set<Socket>>();

/** Milliseconds without a byte in either direction after which a connection is cut: its client reads or sends nothing. */
const SILENCE = MINUTE;
/** Connections from one address, sockets included. More than sockets from an address, so that these are told their limit. */
const PER_ADDRESS = 1_500;

/** Where a server listens, and what it limits. */
export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** Absent: connections from one address are not limited. */
  readonly perAddress?: {
    /** Addresses or ranges that are not limited: many clients are behind each. */
    readonly trustedProxies: readonly string[];
    /** Default 1,500. */
    readonly most?: number;
  };
  /** Default: a minute. */
  readonly silence?: number;
}

/** Listens and answers the URL, without a slash at the end. @throws when the port is in use */
export async function listen(server: Server, at: ListenOptions): Promise<string> {
  server.keepAliveTimeout = KEEP_ALIVE;
  server.timeout = at.silence ?? SILENCE;
  if (at.perAddress !== undefined) limitConnections(server, at.perAddress);
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

/** Cuts connections beyond the limit of their address at once: an answer would cost more than the connection. */
function limitConnections(
  server: Server,
  { most = PER_ADDRESS, trustedProxies }: NonNullable<ListenOptions['perAddress']>,
): void {
  const open = new Map<string, Set<Socket>>();
  server.prependListener('connection', (socket: Socket) => {
    const { remoteAddress = '' } = socket;
    if (isTrustedProxy(remoteAddress, trustedProxies)) return;
    const group = addressGroup(remoteAddress);
    const ofGroup = open.get(group) ?? new Set();
    // A connection is given to the server a second time when an upgrade of it was not accepted.
    if (ofGroup.has(socket)) return;
    if (ofGroup.size >= most) {
      socket.destroy();
      return;
    }
    open.set(group, ofGroup.add(socket));
    socket.once('close', () => {
      ofGroup.delete(socket);
      if (ofGroup.size === 0) open.delete(group);
    });
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
