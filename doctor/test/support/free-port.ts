import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that Linux gives to outgoing connections: those can be taken at any moment. */
const FIRST = 15_000;
const END = 32_768;

/** A port of 127.0.0.1 on which nothing listens. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST, END);
    const server = createServer().listen(port, '127.0.0.1');
    const listens = await once(server, 'listening').catch(() => undefined);
    if (listens === undefined) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}
