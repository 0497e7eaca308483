import type { Socket } from 'node:net';

import { tcpRelay } from './tcp-relay.ts';

/** A TCP proxy that can lose answers: the server carries a request out, and the client does not learn of it. */
export interface CuttingProxy {
  readonly port: number;
  /** Loses the next `count` answers to requests that contain `marker`, and closes their connections. */
  cutAnswers(marker: string, count: number): void;
  /** How many answers have been lost. */
  readonly cuts: number;
  close(): Promise<void>;
}

/** Starts a proxy in front of a server on 127.0.0.1. */
export async function cuttingProxy(targetPort: number): Promise<CuttingProxy> {
  let marker = Buffer.alloc(0);
  let left = 0;
  let cuts = 0;
  const join = (client: Socket, target: Socket) => {
    let loseNext = false;
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
  };
  const relay = await tcpRelay({ targetPort, join });
  return {
    port: relay.port,
    cutAnswers(text, count) {
      marker = Buffer.from(text);
      left = count;
    },
    get cuts() {
      return cuts;
    },
    close: () => relay.close(),
  };
}
