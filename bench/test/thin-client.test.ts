import assert from 'node:assert/strict';

import { PayloadParser } from '../src/payload-parser.ts';
import { type EventListener, RefusedError, ThinClient } from '../src/thin-client.ts';
import { type EchoServer, startEchoServer } from './support/echo-server.ts';

function connect(
  { url }: EchoServer,
  events: Record<string, EventListener> = {},
  token = 'good',
): Promise<ThinClient> {
  return ThinClient.connect({ url, auth: { token }, events, parser: new PayloadParser() });
}

describe('thin client', () => {
  let server: EchoServer | undefined;

  afterEach(async () => {
    await server?.close();
  });

  it('assigns each acknowledgement to its request', async () => {
    server = await startEchoServer();
    const client = await connect(server);
    const payloads = Array.from({ length: 200 }, (_, index) => ({ index }));
    const answers = await Promise.all(payloads.map((payload) => client.request('echo', payload)));
    assert.deepEqual(answers, payloads);
    await client.close();
  });

  for (const length of [0, 110, 125, 126, 1_000, 65_530, 65_536, 200_000]) {
    it(`sends and reads frames of about ${length} bytes, with characters of any script`, async () => {
      server = await startEchoServer();
      const client = await connect(server);
      const text = `${'é'.repeat(length / 2)}😀`;
      assert.equal(await client.request('echo', text), text);
      await client.close();
    });
  }

  it('passes events to their listeners in order, including those right after the handshake', async () => {
    server = await startEchoServer({
      greet: (socket) => {
        for (let number = 1; number <= 1_000; number += 1) socket.emit('number', { number });
        socket.emit('unheard', 1);
        socket.emit('last', null);
      },
    });
    const numbers: unknown[] = [];
    let finish: () => void = () => undefined;
    const last = new Promise<void>((resolve) => (finish = resolve));
    const client = await connect(server, {
      number: (payload) => numbers.push((payload as { number: number }).number),
      last: () => finish(),
    });
    await last;
    assert.deepEqual(
      numbers,
      Array.from({ length: 1_000 }, (_, index) => index + 1),
    );
    await client.close();
  });

  it('acknowledges events for which the server requests it', async () => {
    const answered = new Promise<unknown>((resolve, reject) => {
      startEchoServer({
        greet: (socket) => {
          socket.emit('page', { entries: [] }, (answer: unknown) => resolve(answer));
        },
      }).then((started) => {
        server = started;
        return connect(started, { page: (_, reply) => reply?.('taken') });
      }, reject);
    });
    assert.equal(await answered, 'taken');
  });

  it('answers pings, so that the server keeps the connection', async () => {
    server = await startEchoServer({ pingInterval: 20 });
    const client = await connect(server);
    const [socket] = [...server.io.sockets.sockets.values()];
    let pongs = 0;
    await new Promise<void>((resolve) => {
      socket!.conn.on('packet', ({ type }: { type: string }) => {
        if (type === 'pong') pongs += 1;
        if (pongs === 3) resolve();
      });
    });
    assert.equal(await client.request('echo', 'still here'), 'still here');
    await client.close();
  });

  it('rejects if the handshake is refused', async () => {
    server = await startEchoServer();
    await assert.rejects(connect(server, {}, 'bad'), (error: Error) => {
      assert.ok(error instanceof RefusedError);
      assert.match(error.message, /unauthenticated/);
      return true;
    });
  });

  it('rejects pending requests when the server closes the connection', async () => {
    server = await startEchoServer({
      greet: (socket) => socket.on('leave', () => socket.disconnect(true)),
    });
    const client = await connect(server);
    await assert.rejects(client.request('leave', null), RefusedError);
    await client.closed;
  });

  it('rejects if no server listens', async () => {
    const gone = await startEchoServer();
    await gone.close();
    await assert.rejects(connect(gone), /ECONNREFUSED/);
  });
});
