import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket as TcpSocket } from 'node:net';

import { ALL_TUNING, NO_TUNING } from '../../../src/transport/tuning/tuning.ts';
import { BareSocketServer, type Connected } from '../../support/socket-server.ts';

const EVENTS = 20;

/** Counts the writes of a connection to the operating system. */
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

describe('events for the same client in one turn of the event loop', () => {
  const cases = [
    { name: 'with tuning', tuning: ALL_TUNING, writes: 1 },
    { name: 'without tuning', tuning: NO_TUNING, writes: EVENTS },
  ];
  for (const { name, tuning, writes: expected } of cases) {
    for (const transport of ['websocket', 'polling'] as const) {
      describe(`${name}, over ${transport}`, () => {
        let server: BareSocketServer;
        let connected: Connected;
        before(async () => {
          server = await BareSocketServer.start(tuning);
          connected = await server.connect(transport);
        });
        after(() => server.close());

        it('arrive in order, and leave in the expected number of writes', async () => {
          const { client, socket } = connected;
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
          if (transport === 'websocket') assert.equal(writes(), expected);
        });
      });
    }
  }
});

describe('a connection that began with polling and was upgraded', () => {
  it('gets its events in one write, and binary data between them in order', async () => {
    const server = await BareSocketServer.start(ALL_TUNING);
    const { client, socket } = await server.connect('polling', 'websocket');
    const { conn } = socket;
    if (conn.transport.name !== 'websocket') await once(conn, 'upgrade');
    const heard: unknown[] = [];
    const all = new Promise<void>((resolve) => {
      client.onAny((name: unknown) => {
        if (heard.push(name) === 5) resolve();
      });
    });
    const emit = socket.emit.bind(socket) as (name: string, given: unknown) => unknown;
    const { socket: webSocket } = conn.transport as unknown as { socket: { _socket: TcpSocket } };
    const writes = countWrites(webSocket._socket);
    emit('one', 1);
    emit('two', 'é');
    await new Promise(setImmediate);
    assert.equal(writes(), 1);
    emit('three', 3);
    emit('four', Buffer.from([4]));
    emit('five', 5);
    await all;
    assert.deepEqual(heard, ['one', 'two', 'three', 'four', 'five']);
    await server.close();
  });
});

describe('the answer to an upgrade', () => {
  let server: BareSocketServer;
  let tcp: TcpSocket;
  before(async () => (server = await BareSocketServer.start(ALL_TUNING)));
  after(() => server.close());
  afterEach(() => tcp.destroy());

  /** What a client gets with its first read, once it has asked for a WebSocket. */
  async function firstAnswer(query: string): Promise<string> {
    tcp = connect(server.port, '127.0.0.1');
    tcp.write(
      [
        ...[`GET /socket.io/?${query} HTTP/1.1`, 'host: x', 'connection: upgrade'],
        ...['upgrade: websocket', 'sec-websocket-version: 13'],
        ...['sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==', '', ''],
      ].join('\r\n'),
    );
    const [data] = (await once(tcp, 'data')) as [Buffer];
    return data.toString('latin1');
  }

  it('leaves together with the first packet', async () => {
    const answer = await firstAnswer('EIO=4&transport=websocket');
    assert.match(answer, /^HTTP\/1\.1 101 [^]*\r\n\r\n[^]{2,4}0\{"sid":[^]*\}$/);
  });

  it('reaches a client of a version that is refused then', async () => {
    assert.match(await firstAnswer('EIO=3&transport=websocket'), /^HTTP\/1\.1 101 /);
  });
});
