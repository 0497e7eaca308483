import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

/** A TCP proxy that can be switched off and on, as a server that goes away and comes back. */
export interface SwitchProxy {
  readonly port: number;
  /** Cuts every connection and takes no new one. */
  off(): void;
  on(): void;
  close(): Promise<void>;
}

/** Stands in front of a server on 127.0.0.1. */
export async function switchProxy(targetPort: number): Promise<SwitchProxy> {
  const open = new Set<Socket>();
  let isOn = true;
  const cut = () => {
    for (const socket of open) socket.destroy();
  };
  const server = createServer((client) => {
    if (!isOn) {
      client.destroy();
      return;
    }
    const target = connect(targetPort, '127.0.0.1');
    client.pipe(target).pipe(client);
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
    off() {
      isOn = false;
      cut();
    },
    on() {
      isOn = true;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        cut();
      }),
  };
}
