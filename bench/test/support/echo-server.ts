import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { Server, type Socket } from 'socket.io';

/** A real Socket.IO server that acknowledges every event. */
export interface EchoServer {
  readonly url: string;
  readonly io: Server;
  close(): Promise<void>;
}

/** Starts it. Calls `greet` for each socket that connects; refuses the token `bad`. */
export async function startEchoServer(
  options: { pingInterval?: number; greet?: (socket: Socket) => void } = {},
): Promise<EchoServer> {
  const http = createServer();
  const { greet, ...settings } = options;
  const io = new Server(http, { transports: ['websocket'], serveClient: false, ...settings });
  io.use((socket, next) => {
    const { token } = socket.handshake.auth as { token: string };
    next(token === 'bad' ? new Error('unauthenticated') : undefined);
  });
  io.on('connection', (socket) => {
    socket.on('echo', (payload: unknown, ack: (answer: unknown) => void) => ack(payload));
    greet?.(socket);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, io, close: () => io.close() };
}
