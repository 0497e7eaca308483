import { createConnection } from 'node:net';
import getPort from 'get-port';

/** A free port of 127.0.0.1. Another process may take it first; the caller must then ask for another. */
export function freePort(): Promise<number> {
  return getPort({ host: '127.0.0.1' });
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
