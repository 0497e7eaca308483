import type { Socket } from 'socket.io-client';

/** The connection below a Socket.IO client. */
interface Engine {
  send(packet: string | Buffer): void;
  on(event: 'data', listener: (text: unknown) => void): void;
  off(event: 'data', listener: (text: unknown) => void): void;
}

function engineOf(socket: Socket): Engine {
  return socket.io.engine;
}

/** Sends a packet as it is, past everything that the client library would refuse. */
export function sendRaw(socket: Socket, packet: string | Buffer): void {
  engineOf(socket).send(packet);
}

/** Sends an event unchanged and returns its acknowledgement; `args` is the JSON of the event and its payloads. */
export function askRaw(socket: Socket, args: string): Promise<unknown> {
  const engine = engineOf(socket);
  const id = 900_000_000 + Math.floor(Math.random() * 1_000_000);
  return new Promise((resolve) => {
    const listener = (text: unknown) => {
      if (typeof text !== 'string' || !text.startsWith(`3${id}`)) return;
      engine.off('data', listener);
      const [answer] = JSON.parse(text.slice(`3${id}`.length)) as unknown[];
      resolve(answer);
    };
    engine.on('data', listener);
    engine.send(`2${id}${args}`);
  });
}
