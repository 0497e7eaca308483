import type { Socket } from 'node:net';

import { tcpRelay } from './tcp-relay.ts';

/** The bytes of a connection that are lost, while the connection stays open. */
export interface Swallowed {
  readonly direction: 'to client' | 'to server';
  /** Only connections whose client has sent this text, such as the name of the connection. */
  readonly marker?: string;
}

/** A TCP proxy that can lose bytes in one direction without closing anything, as a broken network does. */
export interface SwallowingProxy {
  readonly port: number;
  /** Loses bytes from now on, also of connections that begin later. */
  swallow(what: Swallowed): void;
  /** Passes everything on again. Connections that have lost bytes stay broken, as in a network. */
  pass(): void;
  /** Cuts the connections that have lost bytes. */
  cutBroken(): void;
  /** Connections that the proxy has accepted. */
  readonly accepted: number;
  close(): Promise<void>;
}

/** Starts a proxy in front of a server on 127.0.0.1. */
export async function swallowingProxy(targetPort: number): Promise<SwallowingProxy> {
  const broken = new Set<Socket>();
  let swallowed: Swallowed | undefined;
  let accepted = 0;
  const join = (client: Socket, target: Socket) => {
    accepted += 1;
    let sent = '';
    const isSwallowed = (direction: Swallowed['direction']) => {
      const hit = swallowed?.direction === direction && sent.includes(swallowed.marker ?? '');
      if (hit) broken.add(client);
      return broken.has(client) && (hit || swallowed === undefined);
    };
    client.on('data', (chunk) => {
      sent = (sent + chunk.toString('latin1')).slice(0, 2_000);
      if (!isSwallowed('to server')) target.write(chunk);
    });
    target.on('data', (chunk) => {
      if (!isSwallowed('to client')) client.write(chunk);
    });
    client.on('close', () => broken.delete(client));
  };
  const relay = await tcpRelay({ targetPort, join });
  return {
    port: relay.port,
    swallow: (what) => (swallowed = what),
    pass: () => (swallowed = undefined),
    cutBroken() {
      for (const client of broken) client.destroy();
    },
    get accepted() {
      return accepted;
    },
    close: () => relay.close(),
  };
}
