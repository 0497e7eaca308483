import { randomInt } from 'node:crypto';
import { createConnection } from 'node:net';
import getPort from 'get-port';

/**
 * Where ports are looked for: below those that operating systems give to outgoing connections (from 32768 on Linux, from
 * 49152 elsewhere). A port from there can be taken by any connection between the moment it is found and its use.
 */
const FIRST = 15_000;
const END = 32_768;
/** Ports tried at once. When all are taken, the operating system chooses one. */
const TRIES = 20;

/** A free port of 127.0.0.1. Another process may take it first; the caller must then ask for another. */
export function freePort(): Promise<number> {
  const port = Array.from({ length: TRIES }, () => randomInt(FIRST, END));
  return getPort({ host: '127.0.0.1', port });
}

/** Whether something accepts connections on this port of 127.0.0.1. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    const answer = (listening: boolean) => {
      socket.destroy();
      resolve(listening);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}
