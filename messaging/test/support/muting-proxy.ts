import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

/** A TCP proxy that can lose what a server sends, while what clients send still arrives: a connection dead one way. */
export interface MutingProxy {
  readonly port: number;
  /** Loses from now on what the server sends over connections on which a client has sent `marker`. */
  mute(marker: string): void;
  /** Cuts the connections that were muted. New ones work again. */
  unmute(): void;
  close(): Promise<void>;
}

interface Carried {
  readonly client: Socket;
  /** What the client has sent, up to a limit. */
  sent: string;
}

/** A connection names itself in its first bytes. */
const INTRODUCTION = 4_096;

/** Stands in front of a server on 127.0.0.1. */
export async function mutingProxy(targetPort: number): Promise<MutingProxy> {
  const open = new Set<Carried>();
  let marker: string | undefined;
  const isMuted = ({ sent }: Carried) => marker !== undefined && sent.includes(marker);
  const server = createServer((client) => {
    const target = connect(targetPort, '127.0.0.1');
    const carried: Carried = { client, sent: '' };
    open.add(carried);
    for (const socket of [client, target]) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        open.delete(carried);
        client.destroy();
        target.destroy();
      });
    }
    client.on('data', (chunk) => {
      if (carried.sent.length < INTRODUCTION) carried.sent += chunk.toString('latin1');
      target.write(chunk);
    });
    target.on('data', (chunk) => {
      if (!isMuted(carried)) client.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    mute(name) {
      marker = name;
    },
    unmute() {
      const muted = [...open].filter(isMuted);
      marker = undefined;
      for (const { client } of muted) client.destroy();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const { client } of open) client.destroy();
      }),
  };
}
