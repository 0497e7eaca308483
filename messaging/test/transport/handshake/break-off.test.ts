import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket as TcpSocket } from 'node:net';
import type { Socket } from 'socket.io-client';

import { closeSoon, endSoon } from '../../../src/transport/handshake/break-off.ts';
import { ALL_TUNING } from '../../../src/transport/tuning/tuning.ts';
import { BareSocketServer } from '../../support/socket-server.ts';

const typing = { conversationId: 'c', userId: 'x'.repeat(64 * 1024), typing: true, expiresInMs: 1 };

/** The TCP connection of a client. */
const tcpOf = ({ io }: Socket): TcpSocket =>
  (io.engine as unknown as { transport: { ws: { _socket: TcpSocket } } }).transport.ws._socket;

describe('the end of a connection', () => {
  let server: BareSocketServer;
  beforeEach(async () => {
    server = await BareSocketServer.start(ALL_TUNING);
  });
  afterEach(() => server.close());

  for (const end of [closeSoon, endSoon]) {
    it(`does not wait for a client that does not read (${end.name})`, async () => {
      const { client, socket } = await server.connect();
      const clientTcp = tcpOf(client);
      clientTcp.pause();
      const { socket: tcp } = socket.conn.request;
      // More than the operating system takes for a connection.
      for (let sent = 0; sent < 256; sent += 1) {
        socket.emit('typing', typing);
        if (sent % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      assert.ok(tcp.writableLength > 0);
      end(socket.conn);
      await once(tcp, 'close');
      clientTcp.resume();
    });

    it(`lets a client that reads have everything first (${end.name})`, async () => {
      const { client, socket } = await server.connect();
      let heard = 0;
      client.on('typing', () => (heard += 1));
      const gone = new Promise((resolve) => client.once('disconnect', resolve));
      for (let sent = 0; sent < 20; sent += 1) socket.emit('typing', typing);
      end(socket.conn);
      await gone;
      assert.equal(heard, 20);
    });
  }
});
