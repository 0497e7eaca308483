import assert from 'node:assert/strict';

import { ALL_TUNING, createTuning, NO_TUNING } from '../../../src/transport/tuning/tuning.ts';
import { BareSocketServer, type Connected } from '../../support/socket-server.ts';

/** The timer that Node keeps with a TCP socket. */
function timerOf({ socket }: Connected): unknown {
  const tcp = socket.conn.request.socket;
  const symbol = Object.getOwnPropertySymbols(tcp).find((each) => each.description === 'timeout');
  assert.ok(symbol, 'Node keeps the timer elsewhere');
  return Reflect.get(tcp, symbol);
}

describe('what a connection keeps of its handshake', () => {
  let server: BareSocketServer;
  let connected: Connected;
  beforeEach(async () => {
    server = await BareSocketServer.start(ALL_TUNING);
    connected = await server.connect('websocket');
    const tcp = connected.socket.conn.request.socket;
    // As an HTTP server does, and `ws` after it.
    tcp.setTimeout(60_000);
    tcp.setTimeout(0);
  });
  afterEach(() => server.close());

  it('is nothing with tuning, and events still arrive', async () => {
    const { client, socket } = connected;
    createTuning(ALL_TUNING).releaseHandshake(socket);
    assert.deepEqual({ ...socket.handshake.headers, ...socket.handshake.query }, {});
    assert.equal(timerOf(connected), null);
    const heard = new Promise((resolve) => client.once('typing', resolve));
    const event = { conversationId: 'c', userId: 'u', typing: true, expiresInMs: 1 };
    socket.emit('typing', event);
    assert.deepEqual(await heard, event);
  });

  it('is not a timer that runs', () => {
    connected.socket.conn.request.socket.setTimeout(60_000);
    createTuning(ALL_TUNING).releaseHandshake(connected.socket);
    assert.notEqual(timerOf(connected), null);
  });

  it('is everything without tuning', () => {
    createTuning(NO_TUNING).releaseHandshake(connected.socket);
    assert.notDeepEqual(connected.socket.handshake.headers, {});
    assert.notEqual(timerOf(connected), null);
  });
});
