import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { MINUTE, SECOND, type RateLimit } from '@parley/common';

import { TokenBuckets } from '../limits/token-buckets.ts';
import { addressGroup } from './address.ts';
import { isTrustedProxy } from './client-address.ts';

/** Longer than the proxies before us keep idle connections, so that none sends a request into one that closes. */
const KEEP_ALIVE = 65 * SECOND;

/**
 * Connections that the kernel holds until they are accepted, unless its own limit (`net.core.somaxconn`) is lower. Beyond
 * that many, a client waits one, three or seven seconds to try again. After a node has stopped, thousands come at once;
 * Node's default is 511.
 */
const BACKLOG = 4_096;

const connections = new WeakMap<Server, Set<Socket>>();

/** A connection without a byte in either direction for this time is closed: its client neither reads nor sends. */
const SILENCE = MINUTE;
/**
 * Connections from one address, sockets included. This is more than the limit of sockets from an address, so sockets are
 * refused with a reason first.
 */
const PER_ADDRESS = 1_500;
/** Each new connection is parsed, authenticated and answered; one beyond this costs no more than being closed. */
const NEW_PER_ADDRESS: RateLimit = { perSecond: 200, burst: 3_000 };

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
    /** New connections; default: 200 a second after 3,000 at once. */
    readonly rate?: RateLimit;
  };
  /** Default: a minute. */
  readonly silence?: number;
}

/** Listens and returns the URL without a slash at the end. @throws when the port is in use */
export async function listen(server: Server, at: ListenOptions): Promise<string> {
  server.keepAliveTimeout = KEEP_ALIVE;
  server.timeout = at.silence ?? SILENCE;
  if (at.perAddress !== undefined) limitConnections(server, at.perAddress);
  watchConnections(server);
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
    // Browsers open connections in advance, and Node counts a connection without a request as busy.
    for (const socket of connections.get(server) ?? []) {
      if (socket.bytesRead === 0) socket.destroy();
    }
  });
}

/** Closes connections beyond the limit of their address without an answer, which would cost more than the connection. */
function limitConnections(
  server: Server,
  {
    most = PER_ADDRESS,
    rate = NEW_PER_ADDRESS,
    trustedProxies,
  }: NonNullable<ListenOptions['perAddress']>,
): void {
  const pace = new TokenBuckets();
  const open = new Map<string, Set<Socket>>();
  server.prependListener('connection', (socket: Socket) => {
    const { remoteAddress = '' } = socket;
    if (isTrustedProxy(remoteAddress, trustedProxies)) return;
    const group = addressGroup(remoteAddress);
    const ofGroup = open.get(group) ?? new Set();
    // Node emits a connection a second time after an upgrade that was not accepted.
    if (ofGroup.has(socket)) return;
    if (ofGroup.size >= most || !pace.tryTake(group, rate)) {
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
    if (sockets.has(socket)) return;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
}
