import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { MINUTE, SECOND } from '@parley/common';

import {
  limitConnections,
  type ConnectionLimits,
  type LimitedConnections,
} from './connection-limits.ts';
import { requireHost } from './host.ts';
import { limitRequests, type LimitedRequests, type RequestLimits } from './request-limits.ts';

/** Longer than proxies in front keep idle connections, so that none sends a request on a connection that is closing. */
const KEEP_ALIVE = 65 * SECOND;

/**
 * Connections that the kernel holds until they are accepted, unless its own limit (`net.core.somaxconn`) is lower. Beyond
 * that many, a client tries again after one, three and seven seconds. After a node has stopped, thousands come at once;
 * Node's default is 511.
 */
const BACKLOG = 4_096;

const connections = new WeakMap<Server, Set<Socket>>();
const limits = new WeakMap<Server, readonly (LimitedConnections | LimitedRequests)[]>();

/** A connection without a byte in either direction for this time is closed: its client neither reads nor sends. */
const SILENCE = MINUTE;

/** What one address may do. */
export interface AddressLimits extends ConnectionLimits {
  readonly requests?: Pick<RequestLimits, 'onLimited' | 'rate'>;
}

/** Where a server listens, and what it limits. */
export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** Absent: connections and requests of one address are not limited. */
  readonly perAddress?: AddressLimits;
  /** Default: a minute. */
  readonly silence?: number;
}

/** Listens and returns the URL without a slash at the end. Requests without a valid `Host` are refused. @throws when the port is in use */
export async function listen(server: Server, at: ListenOptions): Promise<string> {
  server.keepAliveTimeout = KEEP_ALIVE;
  server.timeout = at.silence ?? SILENCE;
  watchConnections(server);
  requireHost(server);
  if (at.perAddress !== undefined) limitAddresses(server, at.perAddress);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(at.port, at.host, BACKLOG, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  return `http://${at.host.includes(':') ? `[${at.host}]` : at.host}:${port}`;
}

/** Stops listening, lets requests in progress finish for `grace` milliseconds, then closes the other connections. */
export function closeServer(server: Server, grace = 5_000): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), grace);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
    for (const limited of limits.get(server) ?? []) limited.close();
    // Browsers open connections in advance, and Node counts a connection without a request as busy.
    for (const socket of connections.get(server) ?? []) {
      if (socket.bytesRead === 0) socket.destroy();
    }
  });
}

function limitAddresses(server: Server, perAddress: AddressLimits): void {
  const connections = limitConnections(server, perAddress);
  const requests = limitRequests(server, {
    trustedProxies: perAddress.trustedProxies,
    ...perAddress.requests,
  });
  limits.set(server, [connections, requests]);
}

function watchConnections(server: Server): void {
  const sockets = new Set<Socket>();
  connections.set(server, sockets);
  // One for all: a function for each connection would stay in memory as long as the connection.
  function forget(this: Socket): void {
    sockets.delete(this);
  }
  server.on('connection', (socket: Socket) => {
    if (sockets.has(socket)) return;
    sockets.add(socket);
    socket.on('close', forget);
  });
}
