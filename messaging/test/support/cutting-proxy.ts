import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

/** A TCP proxy that can lose answers: what was asked is carried out, and nobody learns of it. */
export interface CuttingProxy {
  readonly port: number;
  /** Loses the next `count` answers to requests that carry `marker`, and the connections with them. */
  cutAnswers(marker: string, count: number): void;
  /** How many answers have been lost. */
  readonly cuts: number;
  close(): Promise<void>;
}

/** Stands in front of a server on 127.0.0.1. */
export async function cuttingProxy(targetPort: number): Promise<CuttingProxy> {
  const open = new Set<Socket>();
  let marker = Buffer.alloc(0);
  let left = 0;
  let cuts = 0;
  const server = createServer((client) => {
    const target = connect(targetPort, '127.0.0.1');
    let loseNext = false;
    for (const socket of [client, target]) {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        open.delete(socket);
        client.destroy();
        target.destroy();
      });
    }
    client.on('data', (chunk) => {
      if (left > 0 && chunk.includes(marker)) {
        left -= 1;
        loseNext = true;
      }
      target.write(chunk);
    });
    target.on('data', (chunk) => {
      if (!loseNext) {
        client.write(chunk);
        return;
      }
      cuts += 1;
      client.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    cutAnswers(text, count) {
      marker = Buffer.from(text);
      left = count;
    },
    get cuts() {
      return cuts;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}
