import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { RunningService } from '@parley/backend-common';

import { call } from '../../support/connections.ts';
import { TestStack } from '../../support/stack.ts';

const PATIENCE = 300;
/** Much less than a server waits for the closing handshake of a client that does not answer it. */
const BOUND = 15_000;
const OPCODES = { text: 1, ping: 9 };

/** A frame of a client, masked with zeros. */
function frame(opcode: number, text = ''): Buffer {
  return Buffer.concat([
    Buffer.from([0x80 | opcode, 0x80 | text.length, 0, 0, 0, 0]),
    Buffer.from(text),
  ]);
}

describe('a client that never answers the closing handshake', () => {
  let stack: TestStack;
  let node: RunningService;

  before(async () => {
    stack = await TestStack.create();
    node = await stack.node({}, { handshakePatience: PATIENCE });
  });
  after(() => stack.close());

  const openWebSocket = async (): Promise<Socket> => {
    const { hostname, port } = new URL(node.url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    socket.write(
      `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: ${hostname}\r\n` +
        'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    await once(socket, 'data');
    socket.resume();
    return socket;
  };

  for (const [what, send] of [
    ['sends nothing', () => undefined],
    ['sends pongs', (socket) => socket.write(frame(OPCODES.text, '3'))],
    ['sends pings of WebSocket', (socket) => socket.write(frame(OPCODES.ping, 'x'))],
  ] as [string, (socket: Socket) => unknown][]) {
    it(`is cut soon after its time for the handshake when it ${what}`, async () => {
      const socket = await openWebSocket();
      const begun = performance.now();
      const busy = setInterval(() => send(socket), 50);
      try {
        await once(socket, 'close');
      } finally {
        clearInterval(busy);
      }
      const took = performance.now() - begun;
      assert.ok(took >= PATIENCE / 2 && took < BOUND, `${took} ms`);
    });
  }

  for (const packet of ['40/no-such,{}', '40/a,{}40/b,{}', '40{"token":"nobody"}', '42["sync"]']) {
    it(`is cut after the refusal of ${packet}`, async () => {
      const socket = await openWebSocket();
      const begun = performance.now();
      for (const each of packet.split(/(?<=\})(?=4)/u)) socket.write(frame(OPCODES.text, each));
      await once(socket, 'close');
      assert.ok(performance.now() - begun < BOUND);
    });
  }

  it('stays while it is admitted', async () => {
    const ann = await stack.people.create();
    const socket = await stack.connections.open(node.url, ann);
    const silent = await openWebSocket();
    // It began later, so the time of the first is over too.
    await once(silent, 'close');
    await call(socket, 'sync');
    assert.equal(socket.connected, true);
  });
});
