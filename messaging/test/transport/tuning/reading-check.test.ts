import assert from 'node:assert/strict';
import { LIMITS, SECOND } from '@parley/common';
import type { Socket } from 'socket.io-client';

import { QueuedBytes, StalledReads } from '../../../src/transport/tuning/reading-check.ts';
import { ALL_TUNING } from '../../../src/transport/tuning/tuning.ts';
import { BareSocketServer, type Connected } from '../../support/socket-server.ts';
import { until } from '../../support/until.ts';

const typing = { conversationId: 'c', userId: 'x'.repeat(64 * 1024), typing: true, expiresInMs: 1 };

/** Lets the TCP connection of a client take nothing more. */
function stopReading(client: Socket): () => void {
  const { ws } = (
    client.io.engine as unknown as {
      transport: { ws: { _socket: { pause(): void; resume(): void } } };
    }
  ).transport;
  ws._socket.pause();
  return () => ws._socket.resume();
}

describe('the check whether a client reads', () => {
  let server: BareSocketServer;
  let reading: Connected;
  let stopped: Connected;
  let resume: () => void;
  before(async () => {
    server = await BareSocketServer.start(ALL_TUNING);
    [reading, stopped] = [await server.connect(), await server.connect()];
    resume = stopReading(stopped.client);
    // More than the operating system takes for a connection on its own.
    for (let sent = 0; sent < 256; sent += 1) {
      reading.socket.emit('typing', typing);
      stopped.socket.emit('typing', typing);
      if (sent % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => reading.socket.conn.request.socket.writableLength === 0);
    assert.ok(stopped.socket.conn.request.socket.writableLength > 0);
  });
  after(async () => {
    resume();
    await server.close();
  });

  it('by queued bytes recognises it at once', () => {
    const check = new QueuedBytes();
    assert.ok(256 * 64 * 1024 > LIMITS.outboundBufferBytes);
    assert.equal(check.hasStoppedReading(stopped.socket.conn), true);
    assert.equal(check.hasStoppedReading(reading.socket.conn), false);
  });

  it('by the clock recognises it after 10 s in which it took nothing', () => {
    let now = 0;
    const check = new StalledReads(() => now);
    const both = () => [stopped, reading].map(({ socket }) => check.hasStoppedReading(socket.conn));
    assert.deepEqual(both(), [false, false]);
    now = 10 * SECOND - 1;
    assert.deepEqual(both(), [false, false]);
    now = 10 * SECOND;
    assert.deepEqual(both(), [true, false]);
  });
});

describe('the check by the clock', () => {
  it('starts again whenever the client reads something', () => {
    let now = 0;
    const socket = { bytesWritten: 100, writableLength: 60 };
    const connection = { request: { socket } };
    const check = new StalledReads(() => now);
    const stopped = () => check.hasStoppedReading(connection as never);
    assert.equal(stopped(), false);
    now = 9 * SECOND;
    Object.assign(socket, { bytesWritten: 200, writableLength: 159 });
    assert.equal(stopped(), false);
    now = 18 * SECOND;
    assert.equal(stopped(), false);
    now = 19 * SECOND;
    assert.equal(stopped(), true);
    socket.writableLength = 0;
    assert.equal(stopped(), false);
  });
});
