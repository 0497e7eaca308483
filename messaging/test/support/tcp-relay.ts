import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

/** A TCP proxy between clients and a server on 127.0.0.1. */
export interface TcpRelay {
  readonly port: number;
  /** Cuts every connection. */
  cut(): void;
  close(): Promise<void>;
}

interface RelayOptions {
  readonly targetPort: number;
  /** Called for each connection: decides what passes between its two sides. */
  readonly join: (client: Socket, target: Socket) => void;
  /** Whether a new connection is accepted; all are by default. */
  readonly accepts?: () => boolean;
}

/** Starts a TCP proxy. When one side of a connection ends, the other is closed too. */
export async function tcpRelay({
  accepts = () => true,
  join,
  targetPort,
}: RelayOptions): Promise<TcpRelay> {
  const open = new Set<Socket>();
  const cut = () => {
    for (const socket of open) socket.destroy();
  };
  const server = createServer((client) => {
    if (!accepts()) {
      client.destroy();
      return;
    }
    const target = connect(targetPort, '127.0.0.1');
    join(client, target);
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
    cut,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        cut();
      }),
  };
}
