import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket as TcpSocket } from 'node:net';
import { io as connect, type Socket } from 'socket.io-client';

import { createSocketServer } from '../../../src/transport/server/create-server.ts';
import type { ClientSocket } from '../../../src/transport/server/socket.ts';
import { writeTogether } from '../../../src/transport/tuning/write-together.ts';

const EVENTS = 20;

/** Counts how often a connection hands something to the operating system. */
function countWrites(tcp: TcpSocket): () => number {
  let count = 0;
  const counted = tcp as unknown as Record<'_write' | '_writev', (...given: unknown[]) => unknown>;
  for (const name of ['_write', '_writev'] as const) {
    const original = counted[name].bind(tcp);
    counted[name] = (...given) => {
      count += 1;
      return original(...given);
    };
  }
  return () => count;
}

describe('events that wait for the same client', () => {
  for (const transport of ['websocket', 'polling'] as const) {
    describe(`over ${transport}`, () => {
      const server = createSocketServer({
        longPolling: true,
        origins: [],
        mayConnect: () => true,
      });
      let http: Server;
      let client: Socket;
      let socket: ClientSocket;
      before(async () => {
        http = createServer();
        await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
        server.attach(http);
        writeTogether(server);
        const connected = new Promise<ClientSocket>((resolve) => server.on('connection', resolve));
        const { port } = http.address() as AddressInfo;
        client = connect(`http://127.0.0.1:${port}`, { transports: [transport], forceNew: true });
        socket = await connected;
      });
      after(async () => {
        client.disconnect();
        await server.close();
      });

      it('arrive in order, and leave together where they can', async () => {
        const heard: unknown[] = [];
        const all = new Promise<void>((resolve) => {
          client.on('typing', (given: unknown) => {
            if (heard.push(given) === EVENTS) resolve();
          });
        });
        const writes = countWrites(socket.conn.request.socket);
        const events = Array.from({ length: EVENTS }, (_, index) => ({
          ...{ conversationId: 'c', userId: 'u', typing: true, expiresInMs: index },
        }));
        for (const event of events) socket.emit('typing', event);
        await all;
        assert.deepEqual(heard, events);
        if (transport === 'websocket') assert.equal(writes(), 1);
      });
    });
  }
});
