import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

/** What of a connection is lost, while the connection stays open. */
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
  /** Connections that the proxy has accepted. */
  readonly accepted: number;
  close(): Promise<void>;
}

/** Stands in front of a server on 127.0.0.1. */
export async function swallowingProxy(targetPort: number): Promise<SwallowingProxy> {
  const open = new Set<Socket>();
  let swallowed: Swallowed | undefined;
  let accepted = 0;
  const server = createServer((client) => {
    accepted += 1;
    const target = connect(targetPort, '127.0.0.1');
    let sent = '';
    let isBroken = false;
    const isSwallowed = (direction: Swallowed['direction']) => {
      const hit = swallowed?.direction === direction && sent.includes(swallowed.marker ?? '');
      isBroken ||= hit;
      return isBroken && (hit || swallowed === undefined);
    };
    client.on('data', (chunk) => {
      sent = (sent + chunk.toString('latin1')).slice(0, 2_000);
      if (!isSwallowed('to server')) target.write(chunk);
    });
    target.on('data', (chunk) => {
      if (!isSwallowed('to client')) client.write(chunk);
    });
    for (const socket of [client, target]) {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        open.delete(socket);
        client.destroy();
        target.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    swallow: (what) => (swallowed = what),
    pass: () => (swallowed = undefined),
    get accepted() {
      return accepted;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}
