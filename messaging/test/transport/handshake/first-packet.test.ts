import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { RunningService } from '@parley/backend-common';
import type { Socket } from 'socket.io-client';

import { call, eventOf } from '../../support/connections.ts';
import { sendRaw } from '../../support/raw-packets.ts';
import { TestStack } from '../../support/stack.ts';

/** A token as the service makes them, which is nobody's. */
const unknownToken = () => randomBytes(32).toString('base64url');
const connectPacket = (token: string) => `0{"token":"${token}"}`;

describe('a connection that is not authenticated', () => {
  let stack: TestStack;
  let node: RunningService;

  before(async () => {
    stack = await TestStack.create();
    node = await stack.node();
  });
  after(() => stack.close());

  /** An open connection whose client sends no CONNECT packet by itself, and ignores what it gets. */
  const openRaw = async (): Promise<{ socket: Socket; end: Promise<unknown> }> => {
    const never = () => undefined;
    const socket = stack.connections.prepare(`${node.url}/other`, {}, { auth: never });
    await eventOf(socket.io, 'open');
    return { socket, end: eventOf(socket.io.engine, 'close') };
  };
  const handshakes = async () => {
    const text = await (await fetch(node.metricsUrl)).text();
    const found = text.matchAll(/^parley_handshakes_total\{.*result="(\w+)".*\} (\d+)$/gm);
    return new Map([...found].map(([, result = '', count]) => [result, Number(count)]));
  };

  it('looks up one token, however many CONNECT packets it sends', async () => {
    const before = await handshakes();
    const { end, socket } = await openRaw();
    for (let packet = 0; packet < 5_000; packet += 1) {
      sendRaw(socket, connectPacket(unknownToken()));
    }
    assert.equal(await end, 'transport close');
    const after = await handshakes();
    const more = (result: string) => (after.get(result) ?? 0) - (before.get(result) ?? 0);
    assert.equal(more('second_packet'), 1);
    assert.ok(more('unauthenticated') + more('unavailable') <= 1);
  });

  it('may not ask for a namespace first, either', async () => {
    const { end, socket } = await openRaw();
    sendRaw(socket, '0/no-such,{}');
    sendRaw(socket, '0/no-such,{}');
    assert.equal(await end, 'transport close');
  });

  for (const packet of ['0/no-such,{}', '0/no-such', '0/no-such,', '0/?token=x,', '0//,{}']) {
    it(`is closed when it asks for a namespace that does not exist: ${packet}`, async () => {
      const before = await handshakes();
      const { end, socket } = await openRaw();
      const received: unknown[] = [];
      socket.io.engine.on('data', (data: unknown) => void received.push(data));
      sendRaw(socket, packet);
      assert.equal(await end, 'transport close');
      assert.match(String(received[0]), /^4\/.*,\{"message":"Invalid namespace"\}$/);
      const count = (await handshakes()).get('unknown_namespace') ?? 0;
      assert.equal(count - (before.get('unknown_namespace') ?? 0), 1);
    });
  }

  it('may write out the namespace that exists', async () => {
    const ann = await stack.people.create();
    const { socket } = await openRaw();
    const ready = new Promise<string>((resolve) => {
      socket.io.engine.on('data', (data: unknown) => {
        if (String(data).startsWith('2["ready"')) resolve(String(data));
      });
    });
    sendRaw(socket, `0/,{"token":"${ann.token}"}`);
    assert.match(await ready, /"contract"/);
  });

  it('is closed after the first refusal, which it receives', async () => {
    const { end, socket } = await openRaw();
    const received: unknown[] = [];
    socket.io.engine.on('data', (packet: unknown) => void received.push(packet));
    sendRaw(socket, connectPacket(unknownToken()));
    assert.equal(await end, 'transport close');
    assert.match(String(received[0]), /^4\{"message":"unauthenticated"/);
  });

  it('is served in its namespace when another one is refused, once it is admitted', async () => {
    const ann = await stack.people.create();
    const socket = await stack.connections.open(node.url, ann);
    const refused = new Promise<void>((resolve) => {
      socket.io.engine.on('data', (data: unknown) => {
        if (String(data).includes('Invalid namespace')) resolve();
      });
    });
    sendRaw(socket, '0/no-such,{}');
    await refused;
    await call(socket, 'sync');
    assert.equal(socket.connected, true);
  });

  it('is closed when it asks for its namespace twice', async () => {
    const ann = await stack.people.create();
    const socket = await stack.connections.open(node.url, ann);
    const end = eventOf(socket.io.engine, 'close');
    sendRaw(socket, connectPacket(ann.token));
    assert.equal(await end, 'transport close');
  });

  it('sends as many packets as it likes once it is admitted', async () => {
    const ann = await stack.people.create();
    const socket = await stack.connections.open(node.url, ann);
    for (let round = 0; round < 3; round += 1) await call(socket, 'sync');
    assert.equal(socket.connected, true);
  });
});
