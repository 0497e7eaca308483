import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { RunningService } from '@parley/backend-common';
import { LIMITS, RATE_LIMITS } from '@parley/common';
import type { Socket } from 'socket.io-client';

import {
  BYTES_OF_PACKET,
  PACKETS,
  PACKETS_OF_PING,
  PacketLimits,
} from '../../../src/transport/handshake/packet-limits.ts';
import { call, eventOf } from '../../support/connections.ts';
import { sendRaw } from '../../support/raw-packets.ts';
import { TestStack } from '../../support/stack.ts';

type Connection = Parameters<PacketLimits['watch']>[0];

/** A connection that a test lets packets and pings come from, with the clock of its limit. */
function watched() {
  const clock = { now: 5_000 };
  let exceeded = 0;
  const websocket = new EventEmitter();
  const connection = Object.assign(new EventEmitter(), {
    transport: { name: 'websocket', socket: websocket },
  });
  const limits = new PacketLimits({
    limited: true,
    onSecondPacket: () => assert.fail('It is admitted'),
    onUnknownNamespace: () => assert.fail('It is admitted'),
    onFlood: () => (exceeded += 1),
    monotonic: () => clock.now,
  });
  limits.watch(connection as unknown as Connection);
  limits.admit(connection as unknown as Connection);
  /** How often the limit was exceeded meanwhile. */
  const come = (count: number, emit: () => void): number => {
    const before = exceeded;
    for (let packet = 0; packet < count; packet += 1) emit();
    return exceeded - before;
  };
  return {
    clock,
    packets: (count: number, data?: string) =>
      come(count, () => connection.emit('packet', { type: 'message', data })),
    pings: (count: number) => come(count, () => websocket.emit('ping')),
  };
}

describe('the limit of packets', () => {
  it('lets a burst pass, and no packet more', () => {
    const { packets } = watched();
    assert.equal(packets(PACKETS.burst), 0);
    assert.equal(packets(1), 1);
  });

  it('lets its rate pass for ever, in any portions', () => {
    const { clock, packets } = watched();
    packets(PACKETS.burst);
    for (const [milliseconds, count] of [
      [1_000, PACKETS.perSecond],
      [2, 1],
      [500, PACKETS.perSecond / 2],
      [3_000, 3 * PACKETS.perSecond],
    ] as const) {
      clock.now += milliseconds;
      assert.equal(packets(count), 0);
    }
    assert.equal(packets(1), 1);
  });

  it('allows no more than a burst after a pause', () => {
    const { clock, packets } = watched();
    packets(PACKETS.burst);
    clock.now += 3_600_000;
    assert.equal(packets(PACKETS.burst), 0);
    assert.ok(packets(2) >= 1);
  });

  it('counts a large packet as several', () => {
    const { packets } = watched();
    assert.equal(packets(PACKETS.burst / 4, 'x'.repeat(3 * BYTES_OF_PACKET)), 0);
    assert.equal(packets(1, ''), 1);
  });

  it('lets messages of the longest text that is written in one go pass', () => {
    const { packets } = watched();
    assert.equal(packets(RATE_LIMITS.write.burst, 'x'.repeat(LIMITS.textMax)), 0);
  });

  it('counts a ping of the WebSocket protocol as several', () => {
    const { pings } = watched();
    assert.equal(pings(PACKETS.burst / PACKETS_OF_PING), 0);
    assert.equal(pings(1), 1);
  });
});

describe('a client that floods the node with packets', () => {
  let stack: TestStack;
  let node: RunningService;

  before(async () => {
    stack = await TestStack.create();
    node = await stack.node();
  });
  after(() => stack.close());

  const floods = async (): Promise<number> => {
    const text = await (await fetch(node.metricsUrl)).text();
    return Number(/^parley_handshakes_total\{.*result="packet_flood".*\} (\d+)$/m.exec(text)?.[1]);
  };

  /** Sends more than the limit. Returns why the connection ended, and how often connections were cut. */
  const flood = async (socket: Socket, send: (engine: Socket['io']['engine']) => void) => {
    const before = await floods();
    const { engine } = socket.io;
    const end = eventOf(engine, 'close');
    for (let packet = 0; packet < 2 * PACKETS.burst; packet += 1) send(engine);
    return { end: await end, cuts: (await floods()) - before };
  };

  for (const [what, packet] of [
    ['acknowledgements of nothing', '399[]'],
    ['namespaces that do not exist', '0/no-such,{}'],
  ] as const) {
    it(`is cut: ${what}`, async () => {
      const ann = await stack.people.create();
      const socket = await stack.connections.open(node.url, ann);
      const { cuts, end } = await flood(socket, () => sendRaw(socket, packet));
      assert.equal(end, 'transport close');
      assert.equal(cuts, 1);
    });
  }

  it('is cut: pongs, before it is authenticated', async () => {
    const never = () => undefined;
    const socket = stack.connections.prepare(`${node.url}/other`, {}, { auth: never });
    await eventOf(socket.io, 'open');
    const { cuts, end } = await flood(socket, (engine) => {
      // Private: what a client of ours sends once in 25 s.
      (engine as unknown as { _sendPacket(type: string): void })._sendPacket('pong');
    });
    assert.equal(end, 'transport close');
    assert.equal(cuts, 1);
  });

  it('is cut: pings of the WebSocket protocol', async () => {
    const ann = await stack.people.create();
    const socket = await stack.connections.open(node.url, ann);
    const { cuts, end } = await flood(socket, ({ transport }) => {
      // Private: browsers send none, libraries for servers do.
      (transport as unknown as { ws: { ping(): void } }).ws.ping();
    });
    assert.equal(end, 'transport close');
    assert.equal(cuts, 1);
  });

  it('is not cut for what a busy client sends', async () => {
    const ann = await stack.people.create();
    const socket = await stack.connections.open(node.url, ann);
    for (let packet = 0; packet < PACKETS.burst / 2; packet += 1) sendRaw(socket, '399[]');
    await call(socket, 'sync');
    assert.equal(socket.connected, true);
  });
});
